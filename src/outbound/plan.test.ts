import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { ChannelConfig } from "../config/types.ts";
import { planReply } from "./plan.ts";

/** One pixel. */
const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==",
  "base64",
);
const MIB = 1024 * 1024;

async function messages(gotify: ChannelConfig): Promise<readonly string[]> {
  const folder = await mkdtemp(join(tmpdir(), "openclaw-gotify-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, "pixel.png");
  await writeFile(file, PNG);
  const server = { serverUrl: "https://gotify.lan", appToken: "Aaaaaaaaaaaaaaa" };
  const { parts } = await planReply({
    cfg: { channels: { gotify: { ...server, ...gotify } } },
    to: "app:5",
    reply: {
      text: "|a|b|\n|-|-|\n|x|y|",
      mediaUrls: [file],
      kind: "answer",
      silent: false,
      native: {},
      answers: {},
      isExplicit: false,
      by: "operator",
    },
    media: { ownFiles: true },
  });
  return parts.map(({ message }) => message);
}

test("a reply is planned by the keys of its account: tables, and how large a picture may be", async () => {
  const [usual] = await messages({});
  expect(usual).toContain("- **x** – b: y");
  expect(usual).toContain("](data:image/png;base64,");
  const [other] = await messages({
    markdown: { tables: "code" },
    mediaMaxMb: (PNG.length - 1) / MIB,
  });
  expect(other).toContain("```\na  b");
  expect(other).toMatch(/pixel\.png.*larger than/);
});
