// Owns the facts about applications' images: uploading, giving out, replacing, removing, and what is none.
import { describe, expect, test } from "vitest";
import {
  asList,
  asObject,
  asString,
  badRequest,
  errorText,
  notFound,
  unauthorized,
} from "./call.ts";
import type { CallOptions, Reply } from "./call.ts";
import { textLike } from "./like.ts";
import { contract, type OwnedToken } from "./suite.ts";

const PNG = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

function formWith(bytes: readonly number[], fileName: string, field = "file"): FormData {
  const form = new FormData();
  form.append(field, new Blob([Uint8Array.from(bytes)]), fileName);
  return form;
}

function imageOf(reply: Reply): string {
  return asString(asObject(reply.json)["image"]);
}

contract("images", (site) => {
  const path = ({ id }: { id: number }): string => `/application/${id}/image`;

  function upload(application: OwnedToken, body: CallOptions["body"]): Promise<Reply> {
    return site.call("POST", path(application), {
      as: site.admin,
      ...(body === undefined ? {} : { body }),
    });
  }

  test("an uploaded one has a new name with its extension, in the answer and in lists", async () => {
    const application = await site.application({ description: "kept", defaultPriority: 3 });
    const client = await site.client();
    // No elevation is needed.
    const reply = await site.call("POST", path(application), {
      as: client,
      body: formWith(PNG, "some name.PNG"),
    });
    expect([reply.status, reply.contentType]).toEqual([200, "application/json"]);
    const image: unknown = textLike(
      site.choose(/^image\/[\w.-]{25}\.PNG$/, /^image\/[\w-]{25}\.PNG$/),
    );
    const rest = { id: application.id, description: "kept", defaultPriority: 3 };
    expect(reply.json).toMatchObject({ ...rest, image });
    const listed = asList((await site.call("GET", "/application", { as: client })).json);
    const mine = listed.find(({ id }) => id === application.id);
    expect(mine).toMatchObject({ image: imageOf(reply) });
  });

  test("the token beside it is good for nothing on v3", async () => {
    const application = await site.application();
    const { json } = await upload(application, formWith(PNG, "a.png"));
    const token = asString(asObject(json)["token"]);
    const tried = await site.call("POST", "/message", { as: { token }, json: {} });
    expect(tried.status).toBe(site.choose(400, 401));
  });

  test("anybody gets it, from any origin, also with HEAD", async () => {
    const image = imageOf(await upload(await site.application(), formWith(PNG, "a.png")));
    const headers = { origin: "https://elsewhere.example" };
    const response = await fetch(`${site.target.url}/${image}`, { headers });
    expect([response.status, response.headers.get("content-type")]).toEqual([200, "image/png"]);
    expect([...new Uint8Array(await response.arrayBuffer())]).toEqual(PNG);
    const head = await site.call("HEAD", `/${image}`);
    expect([head.status, head.headers.get("content-length")]).toEqual([200, String(PNG.length)]);
  });

  test("a new one takes the place of the old one, which is gone", async () => {
    const application = await site.application();
    const first = imageOf(await upload(application, formWith(PNG, "a.png")));
    const second = imageOf(await upload(application, formWith([0x47, 0x49, 0x46], "b.gif")));
    const statuses = [first, second].map(
      async (image) => (await site.call("GET", `/${image}`)).status,
    );
    expect(await Promise.all(statuses)).toEqual([404, 200]);
  });

  test("it is kept when the application is changed, and goes with the application", async () => {
    const application = await site.application();
    const image = imageOf(await upload(application, formWith(PNG, "a.png")));
    const changed = await site.call("PUT", `/application/${application.id}`, {
      as: site.admin,
      json: { name: "contract: changed" },
    });
    expect(imageOf(changed)).toBe(image);
    await site.call("DELETE", `/application/${application.id}`, { as: site.admin });
    expect((await site.call("GET", `/${image}`)).status).toBe(404);
  });

  test("removing it brings back the default; the second time there is nothing to remove", async () => {
    const application = await site.application();
    const image = imageOf(await upload(application, formWith(PNG, "a.png")));
    const removed = await site.call("DELETE", path(application), { as: site.admin });
    expect([removed.status, imageOf(removed)]).toEqual([200, "static/defaultapp.png"]);
    expect((await site.call("GET", `/${image}`)).status).toBe(404);
    const again = await site.call("DELETE", path(application), { as: site.admin });
    const reason = `app with id ${application.id} does not have a customized image`;
    expect([again.status, again.text]).toEqual([400, badRequest(reason)]);
  });

  test("an unknown name, no name and another kind of file are a 404 as JSON", async () => {
    for (const name of ["nope.png", "nope.txt", ""]) {
      const reply = await site.call("GET", `/image/${name}`);
      expect([reply.status, reply.text]).toEqual([404, notFound("page not found")]);
      expect(reply.contentType).toBe("application/json; charset=utf-8");
    }
  });

  test("an application's own token may do neither; an unknown application is a 404", async () => {
    const application = await site.application();
    for (const method of ["POST", "DELETE"]) {
      const refused = await site.call(method, path(application), { as: application });
      expect([refused.status, refused.text]).toEqual([401, unauthorized]);
      const unknown = await site.call(method, path({ id: 4_000_000_000 }), { as: site.admin });
      const reason = "app with id 4000000000 doesn't exists";
      expect([unknown.status, unknown.text]).toEqual([404, notFound(reason)]);
    }
  });

  describe("what an image is", () => {
    const bytes = (text: string): readonly number[] => [...Buffer.from(text, "latin1")];
    const images: ReadonlyArray<readonly [kind: string, start: readonly number[]]> = [
      ["JPEG", bytes("\xff\xd8\xff")],
      ["PNG", bytes("\x89PNG")],
      ["GIF", bytes("GIF")],
      ["WebP", bytes("RIFF\0\0\0\0WEBP")],
      ["TIFF", bytes("II*\0")],
      ["BMP", bytes("BM")],
      ["icon", bytes("\0\0\x01\0")],
      ["HEIC", bytes("\0\0\0\x18ftypheic\0\0\0\0mif1heic")],
    ];
    const none: ReadonlyArray<readonly [kind: string, start: readonly number[]]> = [
      ["an empty file", []],
      ["text", bytes("hello")],
      ["SVG", bytes('<svg xmlns="http://www.w3.org/2000/svg"/>')],
      ["half a signature", bytes("\x89PN")],
    ];
    const refusal = (reason: string): unknown[] => [400, badRequest(reason)];

    test.for(images)("%s is one, under the name of another", async ([, start]) => {
      const reply = await upload(await site.application(), formWith(start, "a.jpeg"));
      expect(reply.status).toBe(200);
    });

    test.for(none)("%s is none", async ([, start]) => {
      const reply = await upload(await site.application(), formWith(start, "a.png"));
      expect([reply.status, reply.text]).toEqual(refusal("file must be an image"));
    });

    test.for(["a.webp", "a.svg", "png", "a.png.txt", "a."])(
      "one that is called %s is refused",
      async (name) => {
        const reply = await upload(await site.application(), formWith(PNG, name));
        expect([reply.status, reply.text]).toEqual(refusal("invalid file extension"));
      },
    );

    test("it has to be a file in the field `file`", async () => {
      const application = await site.application();
      const text = new FormData();
      text.append("file", "text");
      for (const body of [text, formWith(PNG, "a.png", "image"), formWith(PNG, "")]) {
        const reply = await upload(application, body);
        expect([reply.status, reply.text]).toEqual(refusal("file with key 'file' must be present"));
      }
    });

    test("a body that is no multipart form is a 500", async () => {
      const as = site.admin;
      const application = await site.application();
      const cases: ReadonlyArray<readonly [contentType: string, reason: string]> = [
        ["application/json", "request Content-Type isn't multipart/form-data"],
        ["multipart/form-data", "no multipart boundary param in Content-Type"],
        ["multipart/form-data; boundary=x", "multipart: NextPart: EOF"],
      ];
      for (const [contentType, reason] of cases) {
        const headers = { "content-type": contentType };
        const reply = await site.call("POST", path(application), { as, headers, body: "{}" });
        expect(reply.text).toBe(errorText(500, "Internal Server Error", reason));
      }
    });
  });
});
