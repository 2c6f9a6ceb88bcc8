// Owns the proof that what is checked in is what the schema generates, and that it says what the host asks for.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { z } from "zod";
import {
  channelJsonSchema,
  configuredState,
  manifestText,
  pluginManifest,
  setupFields,
} from "../../scripts/manifest.ts";
import { uiHints } from "../../src/config/schema.zod.ts";
import { channelBase } from "../../src/channel-base.ts";

const readText = (path: string): string =>
  readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
const read = (path: string): unknown => JSON.parse(readText(path));
const packageJson = read("package.json");

test("the plugin manifest is the generated one", () => {
  const { version } = z.object({ version: z.string() }).parse(packageJson);
  expect(readText("openclaw.plugin.json")).toBe(manifestText(version));
  // Spread over lines, it is still the same, without what is undefined.
  expect(read("openclaw.plugin.json")).toEqual(JSON.parse(JSON.stringify(pluginManifest(version))));
});

test("the set-up fields in package.json are those of the set-up contract", () => {
  expect(packageJson).toMatchObject({
    openclaw: { channel: { setup: { fields: setupFields() } } },
  });
  const contract = channelBase.setupContract?.metadata.fields;
  expect(contract?.map(({ key }) => key)).toEqual(setupFields().map(({ key }) => key));
});

test("the variables in package.json are those that the plugin reads", () => {
  expect(packageJson).toMatchObject({
    openclaw: { channel: { configuredState: configuredState() } },
  });
});

test("the schema that the entries load is the generated one", () => {
  expect(channelBase.configSchema).toMatchObject({ schema: channelJsonSchema(), uiHints });
});

test("what the channel says of itself is the same in package.json and in code", () => {
  const { id, label, selectionLabel, detailLabel, docsPath, docsLabel, blurb, order } =
    channelBase.meta;
  expect(packageJson).toMatchObject({
    openclaw: {
      channel: { id, label, selectionLabel, detailLabel, docsPath, docsLabel, blurb, order },
    },
  });
});
