import { createServer, type RequestListener } from "node:http";
import { describe, expect, onTestFinished, test } from "vitest";
import { listenOnLoopback } from "../../../test/support/loopback.ts";
import { isAllowedImageUrl } from "../../config/images.ts";
import type { GotifyMessage } from "../../gotify/message.ts";
import { MAX_IMAGE_BYTES } from "./image-bytes.ts";
import { fetchImage } from "./image-fetch.ts";
import { withoutImageBytes } from "./images.ts";
import { collectImages } from "./media.ts";

const PNG = Buffer.from("89504e470d0a1a0a0000000d49484452", "hex");
const JPEG = Buffer.from("ffd8ffe000104a464946", "hex");
const WEBP = Buffer.concat([
  Buffer.from("RIFF"),
  Buffer.from([4, 0, 0, 0]),
  Buffer.from("WEBPVP8 "),
]);
const SVG = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>');

const dataUrl = (bytes: Buffer, type = "image/png"): string =>
  `data:${type};base64,${bytes.toString("base64")}`;
const message = (text: string, extras: GotifyMessage["extras"] = {}): GotifyMessage => ({
  id: 1,
  appId: 5,
  message: text,
  title: "",
  priority: 0,
  extras,
  date: undefined,
});

/** What of a message's images is saved, and what the agent reads instead of them. */
async function look(post: GotifyMessage, imageHosts: readonly string[] = [], maxBytes?: number) {
  const saved: string[] = [];
  const refused: string[] = [];
  const images = await collectImages([post], {
    imageHosts,
    maxBytes,
    fetchImage,
    save: (bytes, contentType) => {
      saved.push(contentType);
      return Promise.resolve({ path: `/media/${saved.length}-${bytes.length}`, contentType });
    },
    signal: new AbortController().signal,
    onRefused: (reason) => refused.push(reason),
  });
  const text = withoutImageBytes(post.message, images.numberOf);
  return { saved, refused, text, facts: images.facts };
}

async function serve(handler: RequestListener): Promise<{ url: string; host: string }> {
  const server = createServer(handler);
  const { url, close } = await listenOnLoopback(server);
  onTestFinished(() => close());
  return { url, host: new URL(url).host };
}

describe("an image in the text itself", () => {
  test.each([
    ["image/png", PNG],
    ["image/jpeg", JPEG],
    ["image/gif", Buffer.from("GIF89a....")],
    ["image/webp", WEBP],
  ])("of type %s is shown to the agent", async (type, bytes) => {
    const seen = await look(message(`Look: ![a cat](${dataUrl(bytes, type)}) nice`));
    expect(seen.facts).toMatchObject([{ contentType: type, kind: "image", messageId: "1" }]);
    expect(seen.text).toBe("Look: [image 1: a cat] nice");
  });

  test("is what its bytes say, not what its sender says", async () => {
    expect((await look(message(`![x](${dataUrl(JPEG, "image/png")})`))).saved).toEqual([
      "image/jpeg",
    ]);
    for (const type of ["image/svg+xml", "image/png"]) {
      const seen = await look(message(`![x](${dataUrl(SVG, type)})`));
      expect(seen.saved).toEqual([]);
      expect(seen.text).toBe('[image "x" left out, about 1 kB]');
      expect(seen.refused.join()).toMatch(/message 1 is not shown to the agent/);
    }
  });

  test("that is too large is left out, before it is decoded and after", async () => {
    const large = Buffer.concat([PNG, Buffer.alloc(MAX_IMAGE_BYTES)]);
    const seen = await look(message(`![x](${dataUrl(large)})`));
    expect(seen.saved).toEqual([]);
    expect(seen.text).toMatch(/^\[image "x" left out, about 5\d\d\d kB\]$/);
  });

  test("is one of four at most", async () => {
    const links = Array.from(
      { length: 6 },
      (_, index) => `![${index}](${dataUrl(Buffer.concat([PNG, Buffer.from([index])]))})`,
    );
    const seen = await look(message(links.join(" ")));
    expect(seen.facts).toHaveLength(4);
    expect(seen.text).toMatch(/\[image 4: 3\] \[image "4" left out/);
  });

  test("leaves no bytes behind, however they are written down", () => {
    const blob = dataUrl(Buffer.alloc(3_000, 7));
    for (const text of [`see ${blob} there`, `<img src="${blob}">`, `![](${blob})`]) {
      expect(withoutImageBytes(text), text.slice(0, 20)).not.toContain("BwcHBwcH");
    }
  });

  test("cannot make the search for images slow", () => {
    const started = performance.now();
    for (const text of [
      "![".repeat(200_000),
      "![](data:".repeat(100_000),
      "![a](".repeat(200_000),
    ]) {
      withoutImageBytes(`${text} data:`);
    }
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});

describe("an image elsewhere", () => {
  test("is fetched from a listed host, and the agent keeps the link", async () => {
    const requests: { url: string | undefined; headers: unknown }[] = [];
    const { url, host } = await serve((request, response) => {
      requests.push({ url: request.url, headers: request.headers });
      response.end(PNG);
    });
    const seen = await look(message(`![door](${url}/door.png)`), [host]);
    expect(seen.facts).toMatchObject([{ contentType: "image/png", url: `${url}/door.png` }]);
    expect(seen.text).toBe(`[image 1: door](${url}/door.png)`);
    expect(JSON.stringify(requests)).not.toMatch(/gotify|token|authorization/i);
  });

  test("may be the one that the push notification shows", async () => {
    const { url, host } = await serve((_request, response) => response.end(PNG));
    const extras = { "client::notification": { bigImageUrl: `${url}/big.png` } };
    expect((await look(message("ring", extras), [host])).facts).toHaveLength(1);
    expect((await look(message("ring", extras))).facts).toHaveLength(0);
  });

  test("is not asked for where the host is not listed, and stays a link", async () => {
    let asked = 0;
    const { url } = await serve((_request, response) => {
      asked += 1;
      response.end(PNG);
    });
    const text = `![door](${url}/door.png)`;
    expect(await look(message(text), ["cams.example.com"])).toMatchObject({ facts: [], text });
    expect(asked).toBe(0);
  });

  test("is as large as the configuration allows, and no larger", async () => {
    const { url, host } = await serve((_, to) => to.end(PNG));
    const post = message(`![door](${url}/door.png) ![here](${dataUrl(PNG)})`);
    expect((await look(post, [host], PNG.length)).facts).toHaveLength(2);
    const seen = await look(post, [host], PNG.length - 1);
    expect(seen.facts).toEqual([]);
    expect(seen.refused.join()).toMatch(/larger than.*up to \d+ bytes/);
  });

  test.each<[string, RequestListener, RegExp]>([
    [
      "redirects",
      ({ url }, to) => {
        if (url === "/other.png") to.end(PNG);
        else to.writeHead(302, { location: "/other.png" }).end();
      },
      /redirect/i,
    ],
    ["is no image", (_, to) => to.end(SVG), /no PNG/],
    ["is an error", (_, to) => to.writeHead(404).end(PNG), /404/],
    [
      "says that it is too large",
      (_, to) => to.writeHead(200, { "content-length": MAX_IMAGE_BYTES + 1 }).end(PNG),
      /larger than 5 MB/,
    ],
    [
      "turns out to be too large",
      (_, to) => {
        to.write(PNG);
        to.end(Buffer.alloc(MAX_IMAGE_BYTES));
      },
      /larger than 5 MB/,
    ],
  ])("stays a link when it %s", async (_what, handler, reason) => {
    const { url, host } = await serve(handler);
    const text = `![door](${url}/door.png)`;
    const seen = await look(message(text), [host]);
    expect(seen).toMatchObject({ facts: [], text });
    expect(seen.refused.join()).toMatch(reason);
  });

  test.each<[string, boolean]>([
    ["https://cams.example.com/a.png", true],
    ["http://cams.example.com/a.png", true],
    ["https://CAMS.example.com/a.png", true],
    ["https://cams.example.com:8443/a.png", false],
    ["https://nas.lan:8443/a.png", true],
    ["https://nas.lan/a.png", false],
    ["https://evil.cams.example.com/a.png", false],
    ["https://cams.example.com.evil.com/a.png", false],
    ["https://cams.example.com@evil.com/a.png", false],
    ["https://user:secret@cams.example.com/a.png", false],
    ["ftp://cams.example.com/a.png", false],
    ["file:///etc/passwd", false],
    ["not an address", false],
  ])("from %s: %s", (url, isAllowed) => {
    expect(isAllowedImageUrl(url, ["cams.example.com", "nas.lan:8443"])).toBe(isAllowed);
  });
});
