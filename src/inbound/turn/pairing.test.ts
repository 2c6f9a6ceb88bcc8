import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { PlatformMessageNotDispatchedError } from "openclaw/plugin-sdk/error-runtime";
import { expect, onTestFinished, test, vi } from "vitest";
import { resolveAccount } from "../../config/accounts.ts";
import type { PluginRuntime } from "../../config/runtime.ts";
import type { Standing } from "../../journal/challenges.ts";
import { createPairing } from "./pairing.ts";

/** The host keeps this many open requests for an account. */
const MAX_OPEN = 3;

/** The account's pairing with a host that remembers what it was asked for. */
function setup(
  gotify: Record<string, unknown> = {},
  owners: readonly string[] = [],
  maxADay = Number.POSITIVE_INFINITY,
) {
  const cfg: OpenClawConfig = { commands: { ownerAllowFrom: [...owners] } };
  /** Writes this into the configuration beside what is there from the start, in place of what was written before. */
  const configure = (more: Record<string, unknown>): void => {
    const server = { serverUrl: "https://push.example.com" };
    const tokens = { appToken: "A0123456789abcd", clientToken: "C0123456789abcd" };
    cfg.channels = { gotify: { ...server, ...tokens, ...gotify, ...more } };
  };
  configure({});
  const posts: string[] = [];
  /** Code by sender: like the host's, it stays the same for as long as the request is open. */
  const requests = new Map<string, string>();
  const asked: number[] = [];
  const approved: string[] = [];
  const looked: number[] = [];
  const told: number[] = [];
  const log: string[] = [];
  const faults: {
    post: Error | undefined;
    standing: Standing | undefined;
    isSomebodyElse: boolean;
    isSilent: boolean;
  } = {
    post: undefined,
    standing: undefined,
    isSomebodyElse: false,
    isSilent: false,
  };
  let wake: (() => void) | undefined;
  const ending = new AbortController();
  onTestFinished(() => ending.abort());
  const note = (text: string): void => {
    log.push(text);
  };
  const waiting = () => asked.filter((appId) => !told.includes(appId));
  const since = { start: waiting, later: waiting };
  const standingOf = (appId: number): Standing => {
    if (asked.includes(appId)) return "asked";
    return asked.length < maxADay ? "free" : "crowded";
  };
  const pairing = createPairing({
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the host's part is passed in
    core: {} as PluginRuntime,
    accountId: "default",
    challenges: {
      standingOf: (appId) => faults.standing ?? standingOf(appId),
      noteChallenge: (appId) => asked.push(appId),
      open: () => since.later(),
      untold: () => since.start(),
      noteAnnounced: (appId) => told.push(appId),
    },
    grants: {
      fits: async (appId) => {
        if (faults.isSilent) throw new Error("no answer");
        looked.push(appId);
        return !faults.isSomebodyElse;
      },
    },
    wayOut: {
      post: async ({ payload }) => {
        if (faults.post !== undefined) throw faults.post;
        posts.push(payload.text ?? "");
        return { messageIds: [] };
      },
    },
    log: { info: note, warn: note, error: note },
    signal: ending.signal,
    sleep: (_ms, signal) =>
      new Promise((resolve, reject) => {
        wake = resolve;
        signal.addEventListener("abort", () => reject(new Error("ended")));
      }),
    controller: {
      readStoreForDmPolicy: async () => approved,
      upsertPairingRequest: async ({ id }) => {
        const known = requests.get(String(id));
        if (known !== undefined) return { code: known, created: false };
        if (requests.size >= MAX_OPEN) return { code: "", created: false };
        const code = `CODE${requests.size + 1}`;
        requests.set(String(id), code);
        return { code, created: true };
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
  /** Looks for approvals until the test ends. */
  const announce = (): void => void pairing.announceApprovals(() => cfg);
  /** Until it has looked again: it sleeps after each look. */
  const lookAgain = async (): Promise<void> => {
    const sleeping = await vi.waitUntil(() => wake);
    wake = undefined;
    sleeping();
    await vi.waitUntil(() => wake);
  };
  return {
    configure,
    challenge,
    announce,
    lookAgain,
    posts,
    requests,
    asked,
    approved,
    looked,
    told,
    log,
    faults,
    since,
  };
}

test("a stranger is sent a code that says who asks, and what an approval means while there is no owner", async () => {
  const { challenge, posts } = setup();
  await challenge(7);
  expect(posts).toHaveLength(1);
  expect(posts[0]).toContain("Your Gotify application: 7 (Backup), account default");
  expect(posts[0]).toContain("whoever is approved first becomes it");
  const owned = setup({}, ["telegram:1"]);
  await owned.challenge(7);
  expect(owned.posts[0]).not.toContain("becomes it");
  for (const nobody of ["", "*", "gotify:*"]) {
    const open = setup({}, [nobody]);
    await open.challenge(7);
    expect(open.posts[0]).toContain("becomes it");
  }
});

test("messages that are handled side by side bring one code, and no more than the day's three", async () => {
  const { challenge, posts, asked, log } = setup({}, [], 3);
  await Promise.all([7, 7, 8, 7].map(challenge));
  expect([posts.length, asked]).toEqual([2, [7, 8]]);
  await Promise.all([9, 10, 9, 11].map(challenge));
  expect([posts.length, asked]).toEqual([3, [7, 8, 9]]);
  expect(log.filter((line) => line.includes("three codes a day"))).toHaveLength(2);
  // What does not arrive is tried once for all of them.
  const cut = setup();
  cut.faults.post = new Error("no server");
  await Promise.all([7, 7, 7].map(cut.challenge));
  expect(cut.log.filter((line) => line.includes("Could not send"))).toHaveLength(1);
  // One that fails keeps no other from its own.
  const other = setup();
  other.faults.isSilent = true;
  const failed = Promise.allSettled([7, 7].map(other.challenge));
  expect((await failed).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  other.faults.isSilent = false;
  await Promise.all([7, 8].map(other.challenge));
  expect(other.asked).toEqual([7, 8]);
});

test("an application that is to be ignored is sent nothing and asks for nothing", async () => {
  const { challenge, posts, requests } = setup({ inbound: { ignore: ["app:7"] } });
  await challenge(7);
  expect([posts, requests.size]).toEqual([[], 0]);
  await challenge(8);
  expect([...requests.keys()]).toEqual(["default/8"]);
});

test("where no codes are sent the request is listed, and the log says where", async () => {
  const { challenge, posts, requests, log } = setup({ pairing: { replies: false } });
  await challenge(7);
  await challenge(7);
  expect([posts, [...requests.keys()]]).toEqual([[], ["default/7"]]);
  expect(log).toEqual([expect.stringContaining("openclaw pairing list gotify")]);
});

test("a code that did not arrive was none: the next message brings it", async () => {
  const { challenge, posts, asked, log, faults } = setup();
  faults.post = new Error("no server");
  await challenge(7);
  expect([posts, asked]).toEqual([[], []]);
  expect(log[0]).toContain("Could not send the pairing code");
  faults.post = undefined;
  await challenge(7);
  expect([posts.length, asked]).toEqual([1, [7]]);
  expect(posts[0]).toContain("openclaw pairing approve gotify CODE1");
  await challenge(7);
  expect(posts).toHaveLength(1);
});

test.each<[reason: string, standing: Standing | undefined, said: RegExp]>([
  ["the day's codes are used up", "crowded", /three codes a day/],
  ["its last one has expired", "expired", /expired after an hour/],
  ["the host's open requests are used up", undefined, /three open requests/],
])(
  "whoever is sent no code because %s is named in the log, once, with what lets it in",
  async (_reason, standing, said) => {
    for (const replies of [true, false]) {
      const { challenge, posts, asked, log, faults } = setup({ pairing: { replies } });
      if (standing === undefined) for (const appId of [1, 2, 3]) await challenge(appId);
      faults.standing = standing;
      const before = { posts: posts.length, log: log.length };
      await challenge(9);
      await challenge(9);
      expect([posts.length, log.length]).toEqual([before.posts, before.log + 1]);
      expect(log.at(-1)).toMatch(
        /^Application 9 \(Backup\) asks .* was sent no code: .* add "9" to allowFrom; .* inbound\.ignore\.$/,
      );
      expect(log.at(-1)).toMatch(said);
      expect(asked).not.toContain(9);
    }
  },
);

test("whoever was sent a code meanwhile is named again when it asks in vain another day", async () => {
  const { challenge, log, faults } = setup();
  const inVain = () => log.filter((line) => line.includes("was sent no code"));
  faults.standing = "crowded";
  await challenge(9);
  faults.standing = "free";
  await challenge(9);
  expect(inVain()).toHaveLength(1);
  faults.standing = "expired";
  await challenge(9);
  expect(inVain()).toHaveLength(2);
});

test("who asks is remembered as it looks then, and what has somebody else's rights gets no code", async () => {
  const { challenge, posts, looked, requests, faults } = setup();
  await challenge(7);
  expect([looked, posts.length]).toEqual([[7], 1]);
  faults.isSomebodyElse = true;
  await challenge(8);
  expect([looked, posts.length, requests.size]).toEqual([[7, 8], 1, 1]);
});

test("who was sent a code is told that it was approved, and who was sent none is not", async () => {
  const sent = setup();
  await sent.challenge(7);
  sent.approved.push("default/7");
  sent.announce();
  await vi.waitFor(() => expect(sent.told).toEqual([7]));
  expect(sent.posts.slice(1)).toEqual(["Approved: you can talk to the agent now."]);
  const silent = setup({ pairing: { replies: false } });
  await silent.challenge(7);
  silent.approved.push("default/7");
  silent.announce();
  await vi.waitFor(() => expect(silent.told).toEqual([7]));
  expect(silent.posts).toEqual([]);
  expect(silent.log.at(-1)).toBe("Application 7 was approved.");
});

test("an approval that lets nobody in any more is not told until it does", async () => {
  const { configure, challenge, announce, lookAgain, approved, told, posts } = setup();
  await challenge(7);
  configure({ dmPolicy: "allowlist", allowFrom: ["3"] });
  approved.push("default/7");
  announce();
  await lookAgain();
  expect([told, posts.length]).toEqual([[], 1]);
  configure({});
  await lookAgain();
  expect(told).toEqual([7]);
  expect(posts.at(-1)).toContain("Approved");
});

test("what was approved while nothing ran is told at the start, and from then on only open codes are looked for", async () => {
  const { announce, lookAgain, approved, posts, told, since } = setup();
  approved.push("default/7", "default/8");
  since.start = () => (told.includes(7) ? [] : [7]);
  since.later = () => [];
  announce();
  await vi.waitFor(() => expect(told).toEqual([7]));
  expect([told, posts.length]).toEqual([[7], 1]);
  since.start = () => [8];
  await lookAgain();
  expect(told).toEqual([7]);
});

test("an approval that could not be told is told later, unless it may have been", async () => {
  const { challenge, announce, lookAgain, approved, posts, told, log, faults } = setup();
  await challenge(7);
  approved.push("default/7");
  faults.post = new PlatformMessageNotDispatchedError("no server", {
    cause: undefined,
    retryable: true,
  });
  announce();
  await lookAgain();
  await lookAgain();
  expect(told).toEqual([]);
  expect(log.filter((line) => line.includes("Could not tell application 7"))).toHaveLength(1);
  faults.post = undefined;
  await lookAgain();
  expect([told, posts.at(-1)]).toEqual([[7], "Approved: you can talk to the agent now."]);
  expect(log.filter((line) => line.includes("was approved."))).toHaveLength(1);

  await challenge(8);
  approved.push("default/8");
  faults.post = new Error("no answer");
  await lookAgain();
  expect(told).toEqual([7, 8]);
});

test("an approval is told to the one that asked, once the server says who has its id", async () => {
  const { challenge, announce, lookAgain, approved, posts, told, log, faults } = setup();
  await challenge(7);
  await challenge(8);
  approved.push("default/7");
  faults.isSilent = true;
  announce();
  await lookAgain();
  await lookAgain();
  expect([told, posts.length]).toEqual([[], 2]);
  expect(log.filter((line) => line.includes("7"))).toEqual(["Application 7 was approved."]);
  faults.isSilent = false;
  await lookAgain();
  expect([told, posts.length]).toEqual([[7], 3]);

  approved.push("default/8");
  faults.isSomebodyElse = true;
  await lookAgain();
  await lookAgain();
  expect([told, posts.length]).toEqual([[7, 8], 3]);
});
