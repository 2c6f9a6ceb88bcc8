import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { expect, test, vi } from "vitest";
import { resolveAccount } from "../../config/accounts.ts";
import type { PluginRuntime } from "../../config/runtime.ts";
import { createPairing } from "./pairing.ts";

/** The account's pairing with a host that remembers what it was asked for. */
function setup(gotify: Record<string, unknown> = {}, owners: readonly string[] = []) {
  const cfg: OpenClawConfig = {
    commands: { ownerAllowFrom: [...owners] },
    channels: {
      gotify: {
        serverUrl: "https://push.example.com",
        appToken: "A0123456789abcd",
        clientToken: "C0123456789abcd",
        ...gotify,
      },
    },
  };
  const posts: string[] = [];
  const requests: string[] = [];
  const noted: number[] = [];
  const announced: number[] = [];
  const log: string[] = [];
  const faults = { postFails: false };
  const ending = new AbortController();
  const note = (text: string): void => {
    log.push(text);
  };
  const pairing = createPairing({
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the host's part is passed in
    core: {} as PluginRuntime,
    accountId: "default",
    challenges: {
      mayChallenge: (appId) => !noted.includes(appId),
      noteChallenge: (appId) => noted.push(appId),
      open: () => noted.filter((appId) => !announced.includes(appId)),
      noteAnnounced: (appId) => announced.push(appId),
    },
    wayOut: {
      post: async ({ payload }) => {
        if (faults.postFails) throw new Error("no server");
        posts.push(payload.text ?? "");
        return { messageIds: [] };
      },
    },
    log: { info: note, warn: note, error: note },
    signal: ending.signal,
    controller: {
      // Whoever asked is approved at once.
      readStoreForDmPolicy: async () => requests,
      upsertPairingRequest: async ({ id }) => {
        requests.push(String(id));
        return { code: "ABCD", created: true };
      },
      issueChallenge: async ({ senderId, senderIdLine, sendPairingReply, onReplyError }) => {
        requests.push(senderId);
        await sendPairingReply(`${senderIdLine}\nPairing code: ABCD`).catch(onReplyError);
        return { created: true, code: "ABCD" };
      },
    },
  });
  const challenge = (appId: number) =>
    pairing.challenge({
      cfg,
      account: resolveAccount(cfg),
      appId,
      name: "Backup",
      peerId: String(appId),
    });
  /** One look at who was approved meanwhile. */
  const announce = async (): Promise<void> => {
    const looking = pairing.announceApprovals(() => cfg);
    await vi.waitFor(() => expect(announced).toEqual(noted));
    ending.abort();
    await looking;
  };
  return { challenge, announce, posts, requests, noted, log, faults };
}

test("a stranger is sent a code that says who asks, and what an approval means while there is no owner", async () => {
  const { challenge, posts } = setup();
  await challenge(7);
  expect(posts).toHaveLength(1);
  expect(posts[0]).toContain("Your Gotify application: 7 (Backup), account default");
  expect(posts[0]).toContain("whoever is approved first becomes it");
  const owned = setup({}, ["telegram:1"]);
  await owned.challenge(7);
  expect(owned.posts[0]).not.toContain("owner");
});

test("an application that is to be ignored is sent nothing and asks for nothing", async () => {
  const { challenge, posts, requests } = setup({ inbound: { ignore: ["app:7"] } });
  await challenge(7);
  expect([posts, requests]).toEqual([[], []]);
  await challenge(8);
  expect(requests).toEqual(["default/8"]);
});

test("where no codes are sent the request is listed, and the log says where", async () => {
  const { challenge, posts, requests, log } = setup({ pairing: { replies: false } });
  await challenge(7);
  await challenge(7);
  expect([posts, requests]).toEqual([[], ["default/7"]]);
  expect(log).toEqual([expect.stringContaining("openclaw pairing list gotify")]);
});

test("a code that did not arrive was none: the next message brings another", async () => {
  const { challenge, posts, noted, log, faults } = setup();
  faults.postFails = true;
  await challenge(7);
  expect([posts, noted]).toEqual([[], []]);
  expect(log[0]).toContain("Could not send the pairing code");
  faults.postFails = false;
  await challenge(7);
  expect([posts.length, noted]).toEqual([1, [7]]);
});

test("who was sent a code is told that it was approved, and who was sent none is not", async () => {
  const told = setup();
  await told.challenge(7);
  await told.announce();
  expect(told.posts.slice(1)).toEqual(["Approved: you can talk to the agent now."]);
  const silent = setup({ pairing: { replies: false } });
  await silent.challenge(7);
  await silent.announce();
  expect(silent.posts).toEqual([]);
  expect(silent.log.at(-1)).toBe("Application 7 was approved.");
});
