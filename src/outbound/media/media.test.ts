import { randomUUID } from "node:crypto";
import { mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { encodePngRgba, getImageMetadata } from "openclaw/plugin-sdk/media-runtime";
import { optimizeImageToPng } from "openclaw/plugin-sdk/web-media";
import { describe, expect, onTestFinished, test } from "vitest";
import { startLocalServer } from "../../../test/support/local-server.ts";
import { pixelsOf } from "./pixels.ts";
import { prepareMedia, UnsendableMediaError, type MediaOptions } from "./media.ts";

const MAX_BYTES = 20_000;

const GIF = Buffer.from("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7", "base64");
const WEBP = Buffer.from("UklGRiIAAABXRUJQVlA4IBYAAAAwAQCdASoBAAEADsD+JaQAA3AAAAAA", "base64");
/** As far as the first bytes go, which is all that is looked at in an image that fits. */
const JPEG = Buffer.from("ffd8ffe000104a46494600010100000100010000ffd9", "hex");

type Pixel = readonly [red: number, green: number, blue: number, alpha: number];

function png(width: number, height: number, pixel: (x: number, y: number) => Pixel): Buffer {
  const rgba = Buffer.alloc(width * height * 4);
  for (let at = 0; at < width * height; at += 1) {
    rgba.set(pixel(at % width, Math.floor(at / width)), at * 4);
  }
  return encodePngRgba(rgba, width, height);
}

const BLACK: Pixel = [0, 0, 0, 255];
const CLEAR: Pixel = [0, 0, 0, 0];
const smallPng = () => png(4, 4, () => BLACK);

function rgbaOf(bytes: Buffer): Buffer {
  const pixels = pixelsOf(bytes);
  if (pixels === undefined) throw new Error("no plain PNG");
  return pixels.rgba;
}

/** What a photograph is to a compressor: no two pixels alike, and the same at every run. */
function noisyPng(width: number, height: number): Buffer {
  let seed = 1;
  const next = () => (seed = (seed * 48_271) % 2_147_483_647) & 255;
  return png(width, height, () => [next(), next(), next(), 255]);
}

/** The same picture with a comment in it, which makes the file larger. */
function gifWithComment(sizeBytes: number): Buffer {
  const block = Buffer.concat([Buffer.from([255]), Buffer.alloc(255, "x")]);
  const count = Math.ceil(sizeBytes / block.length);
  const comment = [Buffer.from([0x21, 0xfe]), ...Array.from({ length: count }, () => block)];
  return Buffer.concat([GIF.subarray(0, -1), ...comment, Buffer.from([0, 0x3b])]);
}

async function setup(options: Partial<MediaOptions> = {}) {
  const folder = await realpath(await mkdtemp(path.join(os.tmpdir(), "gotify-media-")));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const root = path.join(folder, "workspace-of-agent");
  await mkdir(root);
  const file = async (name: string, content: string | Buffer, under = root): Promise<string> => {
    await writeFile(path.join(under, name), content);
    return path.join(under, name);
  };
  const defaults: MediaOptions = {
    by: "agent",
    imageHosts: [],
    access: { mediaLocalRoots: [root] },
    onUnsendable: "note",
    maxBytes: MAX_BYTES,
  };
  const prepare = (urls: readonly string[], more: Partial<MediaOptions> = {}) =>
    prepareMedia(urls, { ...defaults, ...options, ...more });
  const block = async (url: string, more?: Partial<MediaOptions>): Promise<string> => {
    const { blocks } = await prepare([url], more);
    expect(blocks).toHaveLength(1);
    return blocks[0] ?? "";
  };
  return { folder, root, file, prepare, block };
}

function inline(block: string): { alt: string; type: string; bytes: Buffer } {
  const [, alt = "", type = "", base64 = ""] =
    /^!\[([^\]]*)\]\(data:([a-z/]+);base64,([A-Za-z0-9+/=]+)\)$/.exec(block) ?? [];
  expect(type, block.slice(0, 200)).not.toBe("");
  return { alt, type, bytes: Buffer.from(base64, "base64") };
}

async function failure(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
}

describe("a local image", () => {
  test("that fits is shown as it is, in the format its bytes say", async () => {
    const { file, prepare } = await setup();
    const images = { png: smallPng(), jpeg: JPEG, gif: GIF };
    const paths = [
      await file("one.bin", images.png),
      await file("two.png", images.jpeg),
      await file("three.pdf", images.gif),
    ];
    const { blocks, bigImageUrl } = await prepare(paths);
    expect(blocks.map(inline)).toEqual([
      { alt: "one.bin", type: "image/png", bytes: images.png },
      { alt: "two.png", type: "image/jpeg", bytes: images.jpeg },
      { alt: "three.pdf", type: "image/gif", bytes: images.gif },
    ]);
    expect(bigImageUrl).toBeUndefined();
  });

  test("that is too large becomes a smaller JPEG, the same one each time", async () => {
    const { file, block } = await setup();
    const photo = await file("photo.png", noisyPng(280, 200));
    const first = await block(photo);
    expect(Buffer.byteLength(first)).toBeLessThanOrEqual(MAX_BYTES);
    const { alt, type, bytes } = inline(first);
    expect({ alt, type }).toEqual({ alt: "photo.png", type: "image/jpeg" });
    expect(bytes.subarray(0, 3).toString("hex")).toBe("ffd8ff");
    const size = await getImageMetadata(bytes);
    expect((size?.width ?? 0) / (size?.height ?? 1)).toBeCloseTo(1.4, 1);
    expect(await block(photo)).toBe(first);
  });

  test("is held to the usual budget when none is named", async () => {
    const { file, block } = await setup();
    const photo = await file("photo.png", noisyPng(560, 400));
    const shown = await block(photo, { maxBytes: undefined });
    expect(Buffer.byteLength(shown)).toBeLessThanOrEqual(56_000);
    // No smaller than it has to be.
    expect(Buffer.byteLength(shown)).toBeGreaterThan(30_000);
  });

  test("with transparent parts keeps them when it fits as a smaller PNG", async () => {
    const { file, block } = await setup();
    const diagram = png(1600, 600, (x, y) => (x % 40 < 3 || y % 40 < 3 ? BLACK : CLEAR));
    expect(diagram.length).toBeGreaterThan(MAX_BYTES);
    const { type, bytes } = inline(await block(await file("diagram.png", diagram)));
    expect(type).toBe("image/png");
    expect(await getImageMetadata(bytes)).toEqual({ width: 1280, height: 480 });
    expect(rgbaOf(bytes)[(10 * 1280 + 10) * 4 + 3]).toBe(0);
  });

  test("with transparent parts stands on white as a JPEG, so that black text stays readable", async () => {
    const { file, block } = await setup();
    const rings = png(900, 600, (x, y) => (Math.hypot(x - 450, y - 500) % 30 < 4 ? BLACK : CLEAR));
    const { type, bytes } = inline(await block(await file("rings.png", rings)));
    expect(type).toBe("image/jpeg");
    const { buffer } = await optimizeImageToPng(bytes, 10_000_000);
    const pixels = rgbaOf(buffer);
    const average = pixels.reduce((sum, value) => sum + value, 0) / pixels.length;
    expect(average).toBeGreaterThan(200);
  });

  test("that moves and is too large stands still", async () => {
    const { file, block } = await setup();
    const moving = await file("moving.gif", gifWithComment(MAX_BYTES));
    const { type, bytes } = inline(await block(moving));
    expect(type).toMatch(/^image\/(?:png|jpeg)$/);
    expect(await getImageMetadata(bytes)).toEqual({ width: 1, height: 1 });
  });

  test("in a format that the web UI does not show is converted", async () => {
    const { file, block } = await setup();
    const { type, bytes } = inline(await block(await file("picture.webp", WEBP)));
    expect(type).toBe("image/jpeg");
    expect(await getImageMetadata(bytes)).toEqual({ width: 1, height: 1 });
  });

  test("is found as a path, as a file: address, under the workspace, and behind MEDIA:", async () => {
    const { root, file, prepare } = await setup();
    const place = await file("chart.png", smallPng());
    const access = { mediaAccess: { localRoots: [root], workspaceDir: root } };
    const forms = [
      place,
      pathToFileURL(place).href,
      "./chart.png",
      "chart.png",
      `MEDIA: ${place} `,
    ];
    const { blocks } = await prepare(forms, { access });
    // The last is the first once more.
    expect(blocks).toHaveLength(4);
    for (const shown of blocks) expect(inline(shown).alt).toBe("chart.png");
  });

  test("is read by the host's own reader where there is one", async () => {
    const { root, block } = await setup();
    const asked: string[] = [];
    const bytes = smallPng();
    const mediaReadFile = async (filePath: string) => {
      asked.push(filePath);
      return bytes;
    };
    const inSandbox = path.join(root, "chart.png");
    const access = { mediaAccess: { localRoots: [root], readFile: mediaReadFile } };
    expect(inline(await block(inSandbox, { access })).bytes).toEqual(bytes);
    const older = { mediaLocalRoots: [root], mediaReadFile };
    expect(inline(await block(inSandbox, { access: older })).bytes).toEqual(bytes);
    expect(asked).toEqual([inSandbox, inSandbox]);
  });

  test("of the host's own copies has no name that says nothing", async () => {
    const { file, block } = await setup();
    const spooled = await file(`${randomUUID()}.png`, smallPng());
    expect(inline(await block(spooled)).alt).toBe("image");
    const stored = await file(`sales chart---${randomUUID()}.png`, smallPng());
    expect(inline(await block(stored)).alt).toBe("sales chart.png");
  });

  test("carries its name so that nothing of it is Markdown", async () => {
    const { file, block } = await setup();
    const nasty = await file("a](javascript:alert`1`)_b_ *x* <b>&amp;\n#1.png", smallPng());
    expect(inline(await block(nasty)).alt).toMatch(/^[\p{L}\p{N} ._(),+=-]+$/u);
    const long = await file(`${"ä".repeat(100)}.png`, smallPng());
    const { alt } = inline(await block(long));
    expect(alt).toHaveLength(60);
    expect(alt.endsWith("ä.png")).toBe(true);
  });

  test("comes from a data: address too, whatever type that claims", async () => {
    const { block } = await setup();
    const url = `data:text/html;base64,${smallPng().toString("base64")}`;
    expect(inline(await block(url, { access: undefined }))).toEqual({
      alt: "image",
      type: "image/png",
      bytes: smallPng(),
    });
  });
});

describe("a file that cannot be sent", () => {
  /** The line in its place. Who insists gets the same as an error; neither names a folder. */
  async function noteOn(
    { folder, prepare }: Awaited<ReturnType<typeof setup>>,
    source: string,
    more: Partial<MediaOptions> = {},
  ): Promise<string> {
    const { blocks, bigImageUrl } = await prepare([source], more);
    expect(bigImageUrl).toBeUndefined();
    expect(blocks).toEqual([expect.stringMatching(/^_\(.+ could not be sent: [^\n]+\.\)_$/)]);
    const note = blocks[0] ?? "";
    const error = await failure(prepare([source], { ...more, onUnsendable: "fail" }));
    expect(error).toBeInstanceOf(UnsendableMediaError);
    expect(error).toMatchObject({ message: note.slice(2, -2).replace("could not", "cannot") });
    expect(note).not.toContain(folder);
    return note;
  }

  test("because it is no image is named in a line", async () => {
    const here = await setup();
    const report = await here.file("report.pdf", "%PDF-1.7\n");
    expect(await noteOn(here, report)).toMatch(/report\.pdf.*Gotify carries no files/);
    expect(await here.block(report)).toBe(
      "_(report.pdf could not be sent: Gotify carries no files.)_",
    );
    const table = await here.file("table.csv", "a,b\n1,2\n");
    expect(await noteOn(here, table)).toMatch(/table\.csv.*Gotify carries no files/);
  });

  test("because it only pretends to be an image", async () => {
    const here = await setup();
    const script = await here.file("logo.svg", "<svg xmlns='http://www.w3.org/2000/svg'/>");
    expect(await noteOn(here, script)).toMatch(/logo\.svg.*no image that can be read/);
    const renamed = await here.file("key.png", "secret");
    expect(await noteOn(here, renamed)).toMatch(/key\.png.*no image that can be read/);
    const data = `data:image/png;base64,${Buffer.from("secret").toString("base64")}`;
    expect(await noteOn(here, data)).toMatch(/A file.*no image that can be read/);
    expect(await noteOn(here, "data:image/png,plain")).toMatch(/not in base64/);
  });

  test("because it cannot be made small enough", async () => {
    const here = await setup();
    const photo = await here.file("photo.png", noisyPng(120, 120));
    expect(await noteOn(here, photo, { maxBytes: 300 })).toMatch(/small enough/);
    const huge = Buffer.alloc(MAX_BYTES + 1);
    smallPng().copy(huge);
    huge.writeUInt32BE(20_000, 16);
    huge.writeUInt32BE(20_000, 20);
    expect(await noteOn(here, await here.file("huge.png", huge))).toMatch(/too many pixels/);
    const large = await here.file("large.png", Buffer.alloc(24 * 1024 * 1024 + 1));
    expect(await noteOn(here, large)).toMatch(/large\.png.*larger than 24 MB/);
    const small = await here.file("small.png", smallPng());
    const limit = { maxReadBytes: smallPng().length - 1 };
    expect(await noteOn(here, small, limit)).toMatch(/small\.png.*larger than/);
    const data = `data:image/png;base64,${smallPng().toString("base64")}`;
    expect(await noteOn(here, data, { maxReadBytes: smallPng().length - 4 })).toMatch(
      /larger than/,
    );
    const fitting = { maxReadBytes: smallPng().length };
    expect(inline(await here.block(small, fitting)).bytes).toEqual(smallPng());
    expect(inline(await here.block(data, fitting)).bytes).toEqual(smallPng());
  });

  test("because the host does not let it be read", async () => {
    const here = await setup();
    const outside = await here.file("private.png", smallPng(), here.folder);
    expect(await noteOn(here, outside)).toMatch(/private\.png.*does not allow/);
    expect(await noteOn(here, pathToFileURL(outside).href)).toMatch(/does not allow/);
    expect(await noteOn(here, `${here.root}/../private.png`)).toMatch(/does not allow/);
    const link = path.join(here.root, "link.png");
    await symlink(outside, link);
    expect(await noteOn(here, link)).toMatch(/does not allow/);
    expect(await noteOn(here, "/etc/passwd")).toMatch(/passwd.*does not allow/);
    const inside = await here.file("chart.png", smallPng());
    for (const access of [undefined, {}, { mediaLocalRoots: [] }, { mediaReadFile: readFile }]) {
      expect(await noteOn(here, inside, { access })).toMatch(/does not allow/);
    }
  });

  test("because it is not there", async () => {
    const here = await setup();
    expect(await noteOn(here, path.join(here.root, "gone.png"))).toMatch(/gone\.png.*no such file/);
    expect(await noteOn(here, here.root)).toMatch(/it is a folder/);
  });

  test("because nobody else could open its address", async () => {
    const here = await setup({ by: "operator" });
    const secret = "https://joe:hunter2@example.com/a.png";
    expect(await noteOn(here, secret)).toMatch(/a\.png.*user name or password/);
    expect(await here.block(secret)).not.toContain("hunter2");
    expect(await noteOn(here, "mxc://example.com/abc")).toMatch(/only http and https/);
    expect(await noteOn(here, "ftp://example.com/a.png")).toMatch(/only http and https/);
    expect(await noteOn(here, "https://")).toMatch(/not valid/);
    expect(await noteOn(here, `https://example.com/${"a".repeat(2_050)}`)).toMatch(/too long/);
  });

  test("keeps its place, so that the reply has as many blocks as before", async () => {
    const { file, prepare } = await setup();
    const paths = [await file("one.png", smallPng()), await file("two.png", smallPng())];
    const before = await prepare(["", ...paths, ...paths]);
    await rm(paths[0] ?? "");
    const after = await prepare(["", ...paths, ...paths]);
    expect(before.blocks.map((shown) => shown.slice(0, 2))).toEqual(["![", "!["]);
    expect(after.blocks.map((shown) => shown.slice(0, 2))).toEqual(["_(", "!["]);
  });
});

describe("what is on the web", () => {
  test("is never fetched", async () => {
    const server = await startLocalServer((_request, response) => response.end());
    const { prepare } = await setup();
    const { host } = new URL(server.url);
    const urls = [`${server.url}/a.png`, `${server.url}/report.pdf`];
    const shown = await prepare(urls, { imageHosts: [host] });
    expect(shown).toEqual({
      blocks: [`![a.png](${urls[0]})`, `report.pdf: <${urls[1]}>`],
      bigImageUrl: urls[0],
    });
    await prepare(urls, { by: "operator", onUnsendable: "fail" });
    expect(server.requests).toEqual([]);
  });

  test.each([
    ["https://cams.example.com/door.jpg?t=1", "![door.jpg](https://cams.example.com/door.jpg?t=1)"],
    ["HTTPS://CAMS.example.com/a.webp", "![a.webp](https://cams.example.com/a.webp)"],
    ["http://192.168.1.5:8123/cam.png", "![cam.png](http://192.168.1.5:8123/cam.png)"],
    ["http://192.168.1.5/cam.png", "cam.png: <http://192.168.1.5/cam.png>"],
    ["https://cams.example.com:8443/a.gif", "a.gif: <https://cams.example.com:8443/a.gif>"],
    ["https://cams.example.com.evil.net/a.gif", "a.gif: <https://cams.example.com.evil.net/a.gif>"],
    ["https://evil.net/cams.example.com/a.png", "a.png: <https://evil.net/cams.example.com/a.png>"],
    ["https://cams.example.com/snapshot", "snapshot: <https://cams.example.com/snapshot>"],
    ["https://cams.example.com/logo.svg", "logo.svg: <https://cams.example.com/logo.svg>"],
    ["https://cams.example.com/", "<https://cams.example.com/>"],
  ])("from an agent is shown from allowed hosts only: %s", async (url, markdown) => {
    const { prepare } = await setup({ imageHosts: ["cams.example.com", "192.168.1.5:8123"] });
    const isShown = markdown.startsWith("!");
    expect(await prepare([url])).toEqual({
      blocks: [markdown],
      bigImageUrl: isShown ? URL.parse(url)?.href : undefined,
    });
  });

  test("from an operator is shown from everywhere; the first image is the notification's", async () => {
    const { prepare } = await setup({ by: "operator" });
    const urls = ["https://a.example/x.pdf", "https://b.example/1.png", "http://10.0.0.1/2.jpeg"];
    const { blocks, bigImageUrl } = await prepare(urls);
    expect(blocks).toEqual([
      "x.pdf: <https://a.example/x.pdf>",
      "![1.png](https://b.example/1.png)",
      "![2.jpeg](http://10.0.0.1/2.jpeg)",
    ]);
    expect(bigImageUrl).toBe("https://b.example/1.png");
  });

  test("has an address that no Markdown parser takes for anything else", async () => {
    const { block } = await setup({ by: "operator" });
    const nasty = "https://e.com/a b(1)<x>.png?q=)`\\\n&copy;&#41;![x](y)";
    const shown = await block(nasty);
    const [, address = ""] = /^!\[a b\(1\)-x-\.png\]\(([^\s()<>\\`]+)\)$/.exec(shown) ?? [];
    expect(shown).toContain(address);
    expect(address).not.toBe("");
    expect(address).not.toMatch(/&#?\w+;/);
    // It still means the same.
    const { pathname, searchParams } = new URL(address);
    expect(decodeURIComponent(pathname)).toBe("/a b(1)<x>.png");
    expect(searchParams.get("q")).toBe(")`\\");
    expect(await block(nasty.replace(".png", ".txt"))).toMatch(/^[^<>]+: <[^\s<>]+>$/);
  });
});

test("a person at a terminal may show a file of their own, from where they stand", async () => {
  const { folder, file, block } = await setup({ by: "operator", access: { ownFiles: true } });
  const own = await file("own.png", smallPng(), folder);
  expect(inline(await block(own)).bytes).toEqual(smallPng());
  const relative = path.relative(process.cwd(), own);
  expect(inline(await block(relative)).alt).toBe("own.png");
  const report = await file("notes.txt", "hello", folder);
  expect(await block(report)).toContain("Gotify carries no files.");
  expect(await block(path.join(folder, "gone.png"))).toContain("there is no such file.");
});

test("an abort ends the work, whatever becomes of unsendable files", async () => {
  const { file, prepare } = await setup();
  const photo = await file("photo.png", noisyPng(560, 400));
  const reason = new Error("stopping");
  const aborted = AbortSignal.abort(reason);
  expect(await failure(prepare(["https://a.example/1.png"], { signal: aborted }))).toBe(reason);
  const bytes = await readFile(photo);
  const whileReading = async (controller: AbortController) => {
    controller.abort(reason);
    throw new Error("closed");
  };
  const whileShrinking = async (controller: AbortController) => {
    setImmediate(() => controller.abort(reason));
    return bytes;
  };
  for (const read of [whileReading, whileShrinking]) {
    const controller = new AbortController();
    const access = {
      mediaLocalRoots: [path.dirname(photo)],
      mediaReadFile: () => read(controller),
    };
    expect(await failure(prepare([photo], { access, signal: controller.signal }))).toBe(reason);
  }
});
