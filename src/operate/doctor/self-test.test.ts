import { expect, test } from "vitest";
import { openPractice } from "../../../test/support/doctor.ts";
import { startFaultyFront } from "../../../test/support/faulty-front.ts";
import { textLike } from "../../../test/support/like.ts";
import { installId } from "../../config/install-id.ts";
import { readStamp } from "../../gotify/delivery-stamp.ts";
import { beginVitals } from "../../vitals/vitals.ts";

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

test("beside a running account it is read back, without a second stream", async () => {
  const { visit, account, emulator } = await openPractice();
  const vitals = beginVitals("default");
  try {
    vitals.set({ stream: { value: "open", at: Date.now() } });
    const { of } = await visit(account(), { selfTest: true }, { vitalsOf: () => vitals.look() });
    expect(of("self-test")).toEqual([
      textLike(/^ok: .*and read back after \d+ ms\.$/),
      "ok: The message was deleted again.",
    ]);
    expect(emulator.store.messages()).toEqual([]);
    expect(emulator.store.requests().filter(({ url }) => url === "/stream")).toEqual([]);
  } finally {
    vitals.end();
  }
});

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
