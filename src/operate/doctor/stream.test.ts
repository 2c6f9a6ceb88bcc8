import { expect, test } from "vitest";
import { openPractice } from "../../../test/support/doctor.ts";
import { textLike } from "../../../test/support/like.ts";
import { beginVitals, type Vitals } from "../../vitals/vitals.ts";
import { openJournal } from "../../journal/journal.ts";
import { takeLease } from "../../journal/lease.ts";
import { accountFolder } from "../../config/state-folder.ts";

test("without a Gateway a stream is opened, waited for and closed again", async () => {
  const { visit, account, emulator } = await openPractice();
  const { of } = await visit(account());
  expect(of("stream")).toEqual([textLike(/^ok: A stream opens, .* after \d+ ms\.$/)]);
  await emulator.until(() => emulator.store.streamCount() === 0);
  expect(emulator.store.requests().filter(({ url }) => url === "/stream")).toHaveLength(1);
});

test("a proxy that eats the handshake is told by its remedy, and so is one that holds the stream back", async () => {
  const { visit, account, emulator } = await openPractice();
  emulator.faults.loseUpgrade = true;
  expect((await visit(account())).of("stream")).toEqual([
    textLike(
      /^error: .*did not see a WebSocket handshake \(400\)\. → .*Upgrade and Connection headers/,
    ),
  ]);
  emulator.faults.loseUpgrade = false;
  // Answered with 101, and then nothing: what a buffering proxy looks like.
  emulator.faults.freezeStreams = true;
  const held = await visit(account(), {}, { callTimeoutMs: 1_000 });
  expect(held.of("stream")).toEqual([
    textLike(/^error: .*no sign of life within 1 s: .*buffers it\. → .*proxy_buffering off/),
  ]);
  expect(held.of("client-token")).toEqual([textLike(/^ok: /)]);
});

test("the stream of an account that runs in this process is told by what it knows itself, without a second socket", async () => {
  const { visit, account, emulator } = await openPractice();
  const vitals = beginVitals("default");
  try {
    const at = Date.parse("2026-03-01T12:00:00Z");
    vitals.set({ stream: { value: "open", at }, roundTripMs: 12.4, connectedAt: at });
    const vitalsOf = (): Vitals => vitals.look();
    const well = await visit(account(), {}, { vitalsOf, isGateway: true });
    expect(well.of("stream")).toEqual([
      "ok: The Gateway's stream is open since 2026-03-01T12:00:00.000Z and answers in 12 ms.",
    ]);
    vitals.set({
      stream: { value: "blocked", at },
      streamProblem: "Gotify does not accept the client token (401). Create a client.",
    });
    const blocked = await visit(account(), {}, { vitalsOf, isGateway: true });
    expect(blocked.of("stream")).toEqual([
      "error: Gotify does not accept the client token (401). → Create a client.",
    ]);
    expect(emulator.store.requests().filter(({ url }) => url === "/stream")).toEqual([]);
  } finally {
    vitals.end();
  }
});

test("beside a process that runs the account no second stream is opened", async () => {
  const { visit, account, emulator, stateDir } = await openPractice();
  const { journal } = openJournal(accountFolder(stateDir, "default"));
  const lease = takeLease(journal);
  try {
    const { of } = await visit(account());
    expect(of("stream")).toEqual([textLike(/^ok: Another process runs the account/)]);
    expect(of("not-running")).toEqual([]);
    expect(emulator.store.requests().filter(({ url }) => url === "/stream")).toEqual([]);
  } finally {
    lease.release();
    journal.close();
  }
});
