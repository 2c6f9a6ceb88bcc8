// Owns the facts about images as files: their date, asking again for the same one, asking for a part.
import { describe, expect, test } from "vitest";
import { asObject, asString, notFound, type Reply } from "./call.ts";
import { contract } from "./suite.ts";

/** Begins like a PNG. */
const CONTENT = "\x89PNG0123456789abcdef";
const SIZE = CONTENT.length;
const LONG_AGO = "Mon, 01 Jan 2024 00:00:00 GMT";
const PLAIN = "text/plain; charset=utf-8";

contract("image files", (site) => {
  /** Bytes as Latin-1. */
  interface Part {
    readonly status: number;
    readonly headers: Headers;
    readonly content: string;
  }

  async function ask(path: string, headers: Record<string, string> = {}): Promise<Part> {
    const response = await fetch(`${site.target.url}/${path}`, { headers });
    const content = Buffer.from(await response.arrayBuffer()).toString("latin1");
    return { status: response.status, headers: response.headers, content };
  }

  async function uploaded(): Promise<string> {
    const { id } = await site.application();
    const body = new FormData();
    body.append("file", new Blob([Buffer.from(CONTENT, "latin1")]), "a.png");
    const reply = await site.call("POST", `/application/${id}/image`, { as: site.admin, body });
    return asString(asObject(reply.json)["image"]);
  }

  async function dated(): Promise<{ path: string; date: string }> {
    const path = await uploaded();
    const { headers } = await ask(path);
    return { path, date: headers.get("last-modified") ?? "" };
  }

  test("one has a date, takes ranges, and has no ETag, also when only asked about", async () => {
    const path = await uploaded();
    const whole = await ask(path);
    expect([whole.status, whole.content]).toEqual([200, CONTENT]);
    const head = await site.call("HEAD", `/${path}`);
    for (const { headers } of [whole, head]) {
      expect(headers.get("content-type")).toBe("image/png");
      expect(headers.get("accept-ranges")).toBe("bytes");
      expect(headers.get("content-length")).toBe(String(SIZE));
      expect(headers.has("etag")).toBe(false);
      expect(headers.has("cache-control")).toBe(false);
      const age = Date.now() - Date.parse(headers.get("last-modified") ?? "");
      expect(age).toBeGreaterThan(-2000);
      expect(age).toBeLessThan(20_000);
    }
  });

  describe("asking again", () => {
    test("for one that has not changed since is a 304 with nothing but its date", async () => {
      const { path, date } = await dated();
      const again = await ask(path, { "if-modified-since": date });
      expect([again.status, again.content]).toEqual([304, ""]);
      expect(again.headers.get("last-modified")).toBe(date);
      expect(again.headers.has("content-type")).toBe(false);
      expect(again.headers.has("content-length")).toBe(false);
      expect((await ask(path, { "if-none-match": "*" })).status).toBe(304);
    });

    test("with an older date, none that can be read, or a tag gives it whole", async () => {
      const { path, date } = await dated();
      for (const headers of [
        { "if-modified-since": LONG_AGO },
        { "if-modified-since": "x" },
        { "if-none-match": '"x"', "if-modified-since": date },
      ]) {
        expect((await ask(path, headers)).status).toBe(200);
      }
    });

    test("for one as it was is a 412 when it is another by now", async () => {
      const { path, date } = await dated();
      const status = async (headers: Record<string, string>): Promise<number> =>
        (await ask(path, headers)).status;
      expect(await status({ "if-unmodified-since": LONG_AGO })).toBe(412);
      expect(await status({ "if-unmodified-since": date })).toBe(200);
      expect(await status({ "if-match": '"x"' })).toBe(412);
      expect(await status({ "if-match": "*" })).toBe(200);
    });
  });

  describe("a part", () => {
    const parts: ReadonlyArray<readonly [range: string, start: number, end: number]> = [
      ["0-3", 0, 4],
      ["15-", 15, SIZE],
      ["-4", SIZE - 4, SIZE],
      ["-1000", 0, SIZE],
      ["5-1000", 5, SIZE],
      [" 1 - 3 ", 1, 4],
      ["1000-,0-1", 0, 2],
      ["0-1,", 0, 2],
    ];
    test.for(parts)("bytes=%s are these", async ([range, start, end]) => {
      const part = await ask(await uploaded(), { range: `bytes=${range}` });
      expect([part.status, part.content]).toEqual([206, CONTENT.slice(start, end)]);
      expect(part.headers.get("content-range")).toBe(`bytes ${start}-${end - 1}/${SIZE}`);
      expect(part.headers.get("content-type")).toBe("image/png");
    });

    test("several come in one body, unless they are more than the whole", async () => {
      const path = await uploaded();
      const two = await ask(path, { range: "bytes=0-1,4-5" });
      const [, boundary = ""] =
        /^multipart\/byteranges; boundary=(\w+)$/.exec(two.headers.get("content-type") ?? "") ?? [];
      const piece = (start: number, end: number): string =>
        `--${boundary}\r\nContent-Range: bytes ${start}-${end - 1}/${SIZE}\r\n` +
        `Content-Type: image/png\r\n\r\n${CONTENT.slice(start, end)}\r\n`;
      expect(two.status).toBe(206);
      expect(two.content).toBe(`${piece(0, 2)}${piece(4, 6)}--${boundary}--\r\n`);
      const many = await ask(path, { range: "bytes=0-9,0-9,0-9" });
      expect([many.status, many.content]).toEqual([200, CONTENT]);
    });

    test("beyond the end is a 416 that tells the size; what is no range at all is one that does not", async () => {
      const path = await uploaded();
      const beyond = await ask(path, { range: `bytes=${SIZE}-` });
      expect([beyond.status, beyond.content]).toEqual([416, "invalid range: failed to overlap\n"]);
      expect(beyond.headers.get("content-range")).toBe(`bytes */${SIZE}`);
      for (const range of ["bytes=5-2", "lines=1-2", "bytes=x", "bytes=--1", "bytes=0-1,5-2"]) {
        const none = await ask(path, { range });
        expect([none.status, none.content]).toEqual([416, "invalid range\n"]);
        expect(none.headers.get("content-type")).toBe(PLAIN);
        expect(none.headers.has("content-range")).toBe(false);
      }
    });

    test("of one that is not the same any more is the whole", async () => {
      const { path, date } = await dated();
      const range = "bytes=0-3";
      expect((await ask(path, { range, "if-range": date })).status).toBe(206);
      for (const other of [LONG_AGO, '"x"']) {
        expect((await ask(path, { range, "if-range": other })).status).toBe(200);
      }
    });
  });

  test("nothing is below an image, and the folder is not shown", async () => {
    const path = await uploaded();
    for (const other of [`/${path}/`, `/image/x/${path}`, "/image/"]) {
      const reply: Reply = await site.call("GET", other);
      expect([reply.status, reply.text]).toEqual([404, notFound("page not found")]);
    }
    const folder = await site.call("GET", "/image");
    expect([folder.status, folder.headers.get("location")]).toEqual([301, "/image/"]);
  });

  test("the icon that every application has at first is there for anybody, without a date", async () => {
    const path = "static/defaultapp.png";
    const whole = await ask(path, { origin: "https://elsewhere.example" });
    expect([whole.status, whole.headers.get("content-type")]).toEqual([200, "image/png"]);
    expect(whole.content).toMatch(/^\x89PNG/);
    expect(whole.headers.has("last-modified")).toBe(false);
    const part = await ask(path, { range: "bytes=0-3" });
    expect([part.status, part.content]).toEqual([206, "\x89PNG"]);
    expect((await site.call("HEAD", `/${path}`)).status).toBe(404);
    const unknown = await ask("static/nope.png");
    expect([unknown.status, unknown.content]).toEqual([404, "404 page not found\n"]);
    expect(unknown.headers.get("content-type")).toBe(PLAIN);
  });
});
