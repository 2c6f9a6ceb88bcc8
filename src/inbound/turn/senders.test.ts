import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { expect, onTestFinished, test } from "vitest";
import { startEmulator } from "../../../test/emulator/index.ts";
import { accountClient } from "../../config/client.ts";
import { resolveAccount } from "../../config/accounts.ts";
import type { PluginRuntime } from "../../config/runtime.ts";
import { listGrants } from "../../journal/grants.ts";
import { openJournal } from "../../journal/journal.ts";
import { createSenders } from "./senders.ts";

/** An account on an emulated server with three applications, of which the configuration names the first. */
async function setup() {
  const emulator = await startEmulator();
  onTestFinished(() => emulator.stop());
  const folder = mkdtempSync(join(tmpdir(), "openclaw-gotify-senders-"));
  const { journal } = openJournal(folder);
  const ending = new AbortController();
  onTestFinished(() => {
    ending.abort();
    journal.close();
    rmSync(folder, { recursive: true });
  });
  const [phone, watch, backup] = ["Phone", "Watch", "Backup"].map((name) =>
    emulator.createApplication(name),
  );
  if (phone === undefined || watch === undefined || backup === undefined) throw new Error("none");
  const config = (more: Record<string, unknown>): OpenClawConfig => ({
    channels: {
      gotify: {
        serverUrl: emulator.url,
        appToken: phone.token,
        clientToken: emulator.createClient("OpenClaw").token,
        dmPolicy: "allowlist",
        ...more,
      },
    },
  });
  const host = { cfg: config({ allowFrom: [phone.id] }), paired: [] as string[] };
  const log: string[] = [];
  const note = (text: string): void => void log.push(text);
  const core = {
    config: { current: () => host.cfg },
    channel: { pairing: { readAllowFromStore: async () => host.paired } },
  };
  const senders = createSenders({
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the parts of the host that are asked
    core: core as unknown as PluginRuntime,
    accountId: "default",
    client: accountClient(resolveAccount(host.cfg)),
    journal,
    wayOut: {
      post: async () => ({ messageIds: [] }),
      settleLeftovers: async () => {},
      answering: (payload) => payload,
    },
    log: { info: note, warn: note, error: note },
    notice: note,
    signal: ending.signal,
  });
  const asked = (): number =>
    emulator.store.requests().filter(({ url }) => url === "/application").length;
  const remembered = (): readonly number[] => listGrants(journal).map(({ appId }) => appId);
  return { emulator, host, config, senders, asked, remembered, log, phone, watch, backup };
}

test("whoever is named is remembered as it looks, and whoever is named no more is forgotten", async () => {
  const { host, config, senders, remembered, phone, watch, backup } = await setup();
  host.paired = [`default/${backup.id}`];
  await senders.look();
  expect(remembered()).toEqual([phone.id, backup.id]);
  host.cfg = config({ allowFrom: [], approvers: [watch.id] });
  host.paired = [];
  await senders.look();
  expect(remembered()).toEqual([watch.id]);
});

test("a change of who is named is looked at without a new connection, and nothing else is asked for", async () => {
  const { host, config, senders, asked, remembered, phone, watch, backup } = await setup();
  await senders.look();
  const before = asked();
  await senders.lookAtNews();
  expect([asked() - before, remembered()]).toEqual([0, [phone.id]]);

  for (const [news, expected] of [
    [{ allowFrom: [phone.id, watch.id] }, [phone.id, watch.id]],
    [{ allowFrom: [phone.id], commandsFrom: [backup.id] }, [phone.id, backup.id]],
    [{ allowFrom: [phone.id], approvers: [watch.id] }, [phone.id, watch.id]],
  ] as const) {
    host.cfg = config(news);
    await senders.lookAtNews();
    expect(remembered()).toEqual(expected);
  }
  host.cfg = { ...host.cfg, commands: { ownerAllowFrom: [`gotify:default/${backup.id}`] } };
  await senders.lookAtNews();
  expect(remembered()).toEqual([phone.id, watch.id, backup.id]);
  expect(asked() - before).toBe(4);
});

test.each<[string, (sender: string) => OpenClawConfig]>([
  ["owners", (sender) => ({ commands: { ownerAllowFrom: [sender] } })],
  ["elevated mode", (sender) => ({ tools: { elevated: { allowFrom: { gotify: [sender] } } } })],
  ["this channel's commands", (sender) => ({ commands: { allowFrom: { gotify: [sender] } } })],
  ["all channels' commands", (sender) => ({ commands: { allowFrom: { "*": [sender] } } })],
])("whom the host's list of %s names is remembered, here only", async (_list, naming) => {
  const { host, config, senders, remembered, watch } = await setup();
  for (const [sender, expected] of [
    [`gotify:default/${watch.id}`, [watch.id]],
    [`gotify:home/${watch.id}`, []],
    [`id:default/${watch.id}`, [watch.id]],
    ["gotify:*", []],
  ] as const) {
    host.cfg = { ...config({ allowFrom: ["*"], dmPolicy: "open" }), ...naming(sender) };
    await senders.look();
    expect(remembered()).toEqual(expected);
  }
});

test("a look that fails says so, and is made again at the next reading", async () => {
  const { emulator, host, config, senders, remembered, log, phone, watch } = await setup();
  await senders.look();
  host.cfg = config({ allowFrom: [phone.id, watch.id] });
  await emulator.goDown();
  await senders.lookAtNews();
  expect(log).toEqual([expect.stringContaining("Could not look at the applications")]);
  await emulator.comeBack();
  await senders.lookAtNews();
  expect(remembered()).toEqual([phone.id, watch.id]);
});
