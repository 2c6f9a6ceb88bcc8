import { resolveChannelConfigWrites } from "openclaw/plugin-sdk/channel-config-helpers";
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import {
  createReplyPrefixContext,
  resolveChannelStreamingBlockCoalesce,
  resolveChannelStreamingBlockEnabled,
  resolveChannelStreamingChunkMode,
} from "openclaw/plugin-sdk/channel-outbound";
import { resolveChunkMode, resolveTextChunkLimit } from "openclaw/plugin-sdk/reply-chunking";
import { describe, expect, test } from "vitest";
import { resolveAccount } from "./accounts.ts";
import { configAdapter } from "./config-adapter.ts";
import { CHANNEL_ID, type ChannelConfig } from "./types.ts";

const MIB = 1024 * 1024;
const server = { serverUrl: "https://push.example.com", appToken: "A1", clientToken: "C1" };

/** An account that inherits, one that says everything itself, and one on another server. */
function configured(
  root: ChannelConfig,
  own: ChannelConfig = {},
  more: OpenClawConfig = {},
): OpenClawConfig {
  const accounts = {
    heir: { name: "Heir" },
    own: { ...own, name: "Own" },
    far: { ...server, serverUrl: "https://far.example.com" },
  };
  return { ...more, channels: { gotify: { ...server, ...root, accounts } } };
}

function common(cfg: OpenClawConfig, id: string) {
  return resolveAccount(cfg, id).common;
}

test("with none of the keys, the defaults are those that are documented", () => {
  const account = resolveAccount({ channels: { gotify: server } });
  expect(account.common).toEqual({
    tableMode: "bullets",
    maxChars: undefined,
    chunkMode: "length",
    blockStreaming: undefined,
    mediaMaxBytes: undefined,
    defaultTo: undefined,
  });
  expect(account.outbound.partBytes).toBe(3_500);
});

test("markdown.tables is inherited, and an account's own wins", () => {
  const cfg = configured({ markdown: { tables: "code" } }, { markdown: { tables: "off" } });
  expect(common(cfg, "heir").tableMode).toBe("code");
  expect(common(cfg, "own").tableMode).toBe("off");
  expect(common(configured({ markdown: { tables: "block" } }, { markdown: {} }), "own")).toEqual(
    expect.objectContaining({ tableMode: "block" }),
  );
});

describe("the length of a message", () => {
  test.each([
    ["neither", {}, { maxChars: undefined, partBytes: 3_500 }],
    ["partBytes alone", { partBytes: 900 }, { maxChars: undefined, partBytes: 900 }],
    ["textChunkLimit alone", { textChunkLimit: 9_000 }, { maxChars: 9_000, partBytes: 60_000 }],
    ["both", { textChunkLimit: 700, partBytes: 900 }, { maxChars: 700, partBytes: 900 }],
  ])("with %s", (_, gotify, { maxChars, partBytes }) => {
    const account = resolveAccount({ channels: { gotify: { ...server, ...gotify } } });
    expect(account.common.maxChars).toBe(maxChars);
    expect(account.outbound.partBytes).toBe(partBytes);
  });

  test("is inherited as the host inherits it", () => {
    const cfg = configured({ textChunkLimit: 900 }, { textChunkLimit: 700 });
    for (const [id, limit] of [
      ["heir", 900],
      ["own", 700],
      ["far", 900],
    ] as const) {
      expect(common(cfg, id).maxChars).toBe(limit);
      expect(resolveTextChunkLimit(cfg, CHANNEL_ID, id)).toBe(limit);
    }
  });
});

describe("streaming", () => {
  test("chunkMode is inherited as the host inherits it, also beside other keys of the group", () => {
    const cfg = configured(
      { streaming: { chunkMode: "newline" } },
      { streaming: { block: { enabled: true } } },
    );
    expect(common(cfg, "heir").chunkMode).toBe("newline");
    expect(common(cfg, "own")).toMatchObject({ chunkMode: "newline", blockStreaming: true });
    for (const id of ["heir", "own"]) expect(resolveChunkMode(cfg, CHANNEL_ID, id)).toBe("newline");
    const other = configured(
      { streaming: { chunkMode: "newline" } },
      { streaming: { chunkMode: "length" } },
    );
    expect(common(other, "own").chunkMode).toBe("length");
    expect(resolveChunkMode(other, CHANNEL_ID, "own")).toBe("length");
  });

  test("block.enabled is inherited, also beside other keys of its group", () => {
    const cfg = configured(
      { streaming: { block: { enabled: true } } },
      { streaming: { block: { coalesce: { idleMs: 5 } } } },
    );
    expect(common(cfg, "heir").blockStreaming).toBe(true);
    expect(common(cfg, "own").blockStreaming).toBe(true);
    const off = configured(
      { streaming: { block: { enabled: true } } },
      { streaming: { block: { enabled: false } } },
    );
    expect(common(off, "own").blockStreaming).toBe(false);
  });

  test("the host finds its own keys in the form in which they are written", () => {
    const streaming = {
      chunkMode: "newline",
      block: { enabled: true, coalesce: { minChars: 10, maxChars: 20, idleMs: 5 } },
    } as const satisfies ChannelConfig["streaming"];
    expect(resolveChannelStreamingChunkMode({ streaming })).toBe("newline");
    expect(resolveChannelStreamingBlockEnabled({ streaming })).toBe(true);
    expect(resolveChannelStreamingBlockCoalesce({ streaming })).toEqual(streaming.block.coalesce);
  });
});

test("mediaMaxMb is inherited, and stands before the host's own limit", () => {
  const agents: OpenClawConfig = { agents: { defaults: { mediaMaxMb: 7 } } };
  expect(common(configured({ mediaMaxMb: 2 }, { mediaMaxMb: 0.5 }), "heir").mediaMaxBytes).toBe(
    2 * MIB,
  );
  const both = configured({ mediaMaxMb: 2 }, { mediaMaxMb: 0.5 }, agents);
  expect(common(both, "own").mediaMaxBytes).toBe(0.5 * MIB);
  expect(common(configured({}, {}, agents), "heir").mediaMaxBytes).toBe(7 * MIB);
});

describe("defaultTo", () => {
  const to = (cfg: OpenClawConfig, accountId: string): string | undefined =>
    configAdapter.resolveDefaultTo?.({ cfg, accountId });

  test("is what the host gets when it asks where to send", () => {
    const cfg = configured({ defaultTo: " app:5 " }, { defaultTo: "peer:ops" });
    expect(to(cfg, "heir")).toBe("app:5");
    expect(to(cfg, "own")).toBe("peer:ops");
    expect(to(configured({}), "heir")).toBeUndefined();
  });

  test("is not inherited by an account on another server, where the id is somebody else's", () => {
    expect(to(configured({ defaultTo: "app:5" }), "far")).toBeUndefined();
  });
});

test("responsePrefix is read by the host, for the channel and for an account", () => {
  const cfg = configured({ responsePrefix: "[bot]" }, { responsePrefix: "" });
  const prefix = (accountId: string): string | undefined =>
    createReplyPrefixContext({ cfg, agentId: "main", channel: CHANNEL_ID, accountId })
      .responsePrefix;
  expect(prefix("heir")).toBe("[bot]");
  expect(prefix("own")).toBe("");
});

test("configWrites is read by the host, for the channel and for an account", () => {
  const writes = (cfg: OpenClawConfig, accountId: string): boolean =>
    resolveChannelConfigWrites({ cfg, channelId: CHANNEL_ID, accountId });
  const cfg = configured({ configWrites: false }, { configWrites: true });
  expect(writes(cfg, "heir")).toBe(false);
  expect(writes(cfg, "own")).toBe(true);
  expect(writes(configured({}), "heir")).toBe(true);
});

test("name is what lists and status show", () => {
  const cfg = configured({});
  expect(configAdapter.describeAccount?.(resolveAccount(cfg, "heir"), cfg)).toMatchObject({
    name: "Heir",
  });
});
