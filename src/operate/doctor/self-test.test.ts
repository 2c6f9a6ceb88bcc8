import { mkdirSync } from "node:fs";
import { expect, onTestFinished, test } from "vitest";
import { openPractice } from "../../../test/support/doctor.ts";
import { startFaultyFront } from "../../../test/support/faulty-front.ts";
import { textLike } from "../../../test/support/like.ts";
import { installId } from "../../config/install-id.ts";
import { readStamp } from "../../gotify/delivery-stamp.ts";
import { accountPath } from "../../config/state-folder.ts";
import { parseServerUrl } from "../../gotify/url.ts";
import { openJournal } from "../../journal/journal.ts";
import { serverKey } from "../../journal/wire.ts";
import { beginVitals, type StreamState } from "../../vitals/vitals.ts";
import type { DoctorWorld } from "./check.ts";

test("nothing is posted unless it is asked for", async () => {
  const { visit, account, emulator, app } = await openPractice();
  expect((await visit(account())).of("self-test")).toEqual([]);
  // Ids are not given twice: this is the first message there ever was.
  expect(emulator.push({ appid: app.id, message: "hello" }).id).toBe(1);
});

test("one quiet message with our own stamp is posted, seen on the stream, and deleted", async () => {
  const { visit, account, emulator, stateDir } = await openPractice();
  const seen: unknown[] = [];
  const watching = emulator.until(() => {
    const [message] = emulator.store.messages();
    if (message !== undefined) seen.push(message);
    return message !== undefined;
  });
  const { of, ok } = await visit(account(), { selfTest: true });
  await watching;
  expect(ok).toBe(true);
  expect(of("self-test")).toEqual([
    textLike(
      /^ok: A message was posted to the application "OpenClaw" \(1\) in \d+ ms, and arrived on the stream after \d+ ms\.$/,
    ),
    "ok: The message was deleted again.",
  ]);
  expect(seen[0]).toMatchObject({ priority: 0, appid: 1 });
  expect(emulator.store.messages()).toEqual([]);
  await emulator.until(() => emulator.store.streamCount() === 0);
  // What a running bridge takes for its own echo.
  expect(JSON.stringify(seen[0])).toContain(`"by":"${installId(stateDir)}"`);
});

/** A practice whose account is run by a Gateway, and the journal that it writes. */
async function besideGateway(stream: StreamState = "open") {
  const practice = await openPractice();
  const { emulator, stateDir } = practice;
  const vitals = beginVitals("default");
  onTestFinished(() => vitals.end());
  vitals.set({ stream: { value: stream, at: Date.now() } });
  const folder = accountPath(stateDir, "default");
  mkdirSync(folder, { recursive: true });
  const { journal } = openJournal(folder);
  onTestFinished(() => journal.close());
  const server = serverKey(parseServerUrl(emulator.url).href);
  journal
    .sql("insert into feed (id, server, user, epoch) values (1, $server, 1, 3)")
    .run({ server });
  return {
    ...practice,
    /** As the account notes what it has taken in. */
    takeIn: (id: number, epoch = 3): void =>
      void journal
        .sql(
          "insert into seen (feed, epoch, id, app, digest, verdict) values (1, $epoch, $id, 1, 'd', 'echo')",
        )
        .run({ id, epoch }),
    test: async (world: Partial<DoctorWorld> = {}) => {
      const { of } = await practice.visit(
        practice.account(),
        { selfTest: true },
        { vitalsOf: () => vitals.look(), ...world },
      );
      return of("self-test");
    },
  };
}

test("beside a running account it is taken in by that, without a second stream", async () => {
  const { emulator, takeIn, test: run } = await besideGateway();
  const tested = run();
  await emulator.until(() => emulator.store.messages().length === 1, 9_000);
  takeIn(emulator.store.messages()[0]?.id ?? 0);
  expect(await tested).toEqual([
    textLike(/^ok: .*and the Gateway took it in after \d+ ms\.$/),
    "ok: The message was deleted again.",
  ]);
  expect(emulator.store.messages()).toEqual([]);
  expect(emulator.store.requests().filter(({ url }) => url === "/stream")).toEqual([]);
}, 20_000);

test.each([
  ["open", /^error: .* has not taken it in.* → Restart the Gateway/],
  ["catching-up", /^warning: .* has not taken it in.* → .*try again/],
] as const)(
  "a running account whose stream is %s and that takes nothing in is told",
  async (stream, words) => {
    const { emulator, takeIn, test: run } = await besideGateway(stream);
    // The message that bore the number before the server was reset is another one.
    takeIn(1, 2);
    expect(await run({ callTimeoutMs: 1_500 })).toEqual([
      textLike(words),
      "ok: The message was deleted again.",
    ]);
    expect(emulator.store.messages()).toEqual([]);
  },
);

test("what became of the message is told also when the time of the test is over", async () => {
  const { emulator, stateDir, test: run } = await besideGateway();
  const callTimeoutMs = 800;
  let isHeldUp = false;
  expect(
    await run({
      callTimeoutMs,
      // A machine that stands still once the message is stored.
      stateDir() {
        if (!isHeldUp && emulator.store.messages().length === 1) {
          isHeldUp = true;
          Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3 * callTimeoutMs);
        }
        return stateDir;
      },
    }),
  ).toEqual([
    textLike(/^error: The check "self-test" did not end in time/),
    "ok: The message was deleted again.",
  ]);
  expect(emulator.store.messages()).toEqual([]);
});

test("a post that may still be stored is looked for twice, and told with its title", async () => {
  const { visit, account, emulator } = await openPractice();
  const front = await startFaultyFront(emulator.url);
  const run = () =>
    visit(account({ serverUrl: front.url }), { selfTest: true }, { callTimeoutMs: 3_000 });
  front.spoil("reset");
  expect((await run()).of("self-test")).toEqual([
    textLike(/^error: /),
    textLike(/^warning: .*may still come\. → Look in Gotify.*"Self-test of OpenClaw"/),
  ]);
  front.spoil("late-500");
  const lists = (): number =>
    emulator.store
      .requests()
      .filter(({ method, url }) => method === "GET" && url.startsWith("/message")).length;
  const before = lists();
  const tested = run();
  await emulator.until(() => lists() > before, 9_000);
  await front.letGo();
  expect((await tested).of("self-test")).toEqual([
    textLike(/^error: /),
    "ok: The message was deleted again.",
  ]);
  expect(emulator.store.messages()).toEqual([]);
}, 20_000);

test("a post that is stored without an answer is found and deleted", async () => {
  const { visit, account, emulator } = await openPractice();
  const front = await startFaultyFront(emulator.url);
  front.spoil("stored-reset");
  const { of } = await visit(account({ serverUrl: front.url }), { selfTest: true });
  expect(front.spoiled).toEqual(["stored-reset"]);
  expect(of("self-test")).toEqual([
    textLike(/^error: The connection to Gotify .* was lost/),
    "ok: The message was deleted again.",
  ]);
  expect(emulator.store.messages()).toEqual([]);
});

test("a post that is refused is told, and nothing is looked for", async () => {
  const { visit, account, emulator } = await openPractice();
  const front = await startFaultyFront(emulator.url);
  front.spoil(413);
  const { of } = await visit(account({ serverUrl: front.url }), { selfTest: true });
  expect(of("self-test")).toEqual([textLike(/^error: .*\(413\)/)]);
});

test("who is interrupted in the middle deletes the message all the same", async () => {
  const { visit, account, emulator } = await openPractice();
  emulator.faults.slowAnswersMs = 100;
  const interrupt = new AbortController();
  const running = visit(account(), { selfTest: true, signal: interrupt.signal });
  running.catch(() => {});
  // Stored, and not answered yet.
  await emulator.until(() => emulator.store.messages().length === 1, 9_000);
  expect(readStamp({ ...emulator.store.messages()[0]?.extras })?.id).toMatch(/^self-test-/);
  interrupt.abort(new Error("interrupted"));
  await expect(running).rejects.toThrow("interrupted");
  expect(emulator.store.messages()).toEqual([]);
}, 20_000);

test("tokens of two users are found out by it, and what cannot be deleted is told", async () => {
  const { visit, account, emulator } = await openPractice();
  const bob = emulator.createUser("bob");
  const bobs = emulator.createApplication("Bob's", { userId: bob.id });
  const { of, ok } = await visit(
    account({ appToken: bobs.token }),
    { selfTest: true },
    { callTimeoutMs: 1_500 },
  );
  expect(ok).toBe(false);
  expect(of("self-test")).toEqual([
    textLike(/^error: Message 1 .*another user\. → .*same user/),
    textLike(/^warning: The message 1 could not be deleted again: .* → Delete it in Gotify/),
  ]);
});

test("an account that only sends is not tested by a message that nobody could delete", async () => {
  const { visit, account, emulator } = await openPractice();
  const { of } = await visit(account({ clientToken: undefined }), { selfTest: true });
  expect(of("self-test")).toEqual([textLike(/^warning: .*nothing was posted/)]);
  expect(emulator.store.messages()).toEqual([]);
});
