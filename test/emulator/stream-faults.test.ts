// Owns the proof that streams go wrong as ordered: late registration, cuts, half-open sockets, strange frames.
import { expect, test } from "vitest";
import { setup } from "./start.ts";

test("registrationDelayMs opens a gap after the 101: what is posted in it never arrives, and no pong either", async () => {
  const { emulator, connect, post } = await setup();
  emulator.faults.registrationDelayMs = 200;
  const stream = await connect();
  stream.socket.ping("barrier");
  await post("in the gap");
  expect(emulator.store.streamCount()).toBe(0);
  expect(stream.pongs).toEqual([]);

  await stream.until(() => stream.pongs.includes("barrier"));
  expect(performance.now() - stream.openedAt).toBeGreaterThan(150);
  await post("after the pong");
  await stream.frameOf(2);
  expect(stream.ids()).toEqual([2]);
});

test("a socket that leaves before its registration is not put on the list", async () => {
  const { emulator, connect } = await setup();
  emulator.faults.registrationDelayMs = 100;
  const stream = await connect();
  stream.socket.terminate();
  // Registered after the moment at which the first one would have been.
  emulator.faults.registrationDelayMs = 150;
  const later = await connect();
  await later.roundTrip();
  expect(emulator.store.streamCount()).toBe(1);
});

test("cutStreams ends streams without a close frame, also one that is not registered yet", async () => {
  const { emulator, connect } = await setup();
  const stream = await connect();
  emulator.faults.registrationDelayMs = 60_000;
  const fresh = await connect();
  emulator.faults.cutStreams();
  expect((await stream.untilClosed()).code).toBe(1006);
  expect((await fresh.untilClosed()).code).toBe(1006);
  await emulator.until(() => emulator.store.streamCount() === 0);
});

test("freezeStreams makes all streams half-open: no pong, no frame, no end; later they go on", async () => {
  const timing = { pingPeriodMs: 50, pongGraceMs: 50 };
  const { emulator, connect, post } = await setup(timing);
  const reference = await setup(timing);
  const stream = await connect();
  await stream.roundTrip();
  emulator.faults.freezeStreams = true;
  const later = await connect();
  stream.socket.ping("old");
  later.socket.ping("new");
  await post("unseen");
  // On a server with the same timing, a stream without a pong lives and dies meanwhile.
  await (await reference.connect({ autoPong: false })).untilClosed();
  expect([stream.pongs.includes("old"), later.pongs, stream.frames, later.frames]).toEqual([
    false,
    [],
    [],
    [],
  ]);
  expect([stream.closing, later.closing]).toEqual([undefined, undefined]);

  emulator.faults.freezeStreams = false;
  await stream.until(() => stream.pongs.includes("old"));
  await later.until(() => later.pongs.includes("new"));
  await post("seen");
  await stream.frameOf(2);
  expect([stream.ids(), await later.frameOf(2).then(() => later.ids())]).toEqual([[2], [2]]);
});

test("freezeOpenStreams is for good, and new streams work", async () => {
  const { emulator, connect, post } = await setup();
  const dead = await connect();
  await dead.roundTrip();
  emulator.faults.freezeOpenStreams();
  dead.socket.ping("dead");
  const alive = await connect();
  await alive.roundTrip();
  await post("m");
  await alive.frameOf(1);
  emulator.faults.freezeStreams = true;
  emulator.faults.freezeStreams = false;
  await alive.roundTrip();
  expect([dead.frames, dead.pongs.includes("dead"), dead.closing]).toEqual([[], false, undefined]);
});

test("rawFrame sends any text to every open stream, as it stands", async () => {
  const { emulator, connect } = await setup();
  const streams = [await connect(), await connect()];
  const odd = ["not json", '{"no":"id"}', "", `{"id":9,"message":"${"x".repeat(2_000_000)}"}`];
  for (const text of odd) emulator.faults.rawFrame(text);
  for (const stream of streams) {
    await stream.until(() => stream.frames.length === odd.length);
    expect(stream.frames).toEqual(odd);
  }
});

test("the grace after a missed pong is an option of its own", async () => {
  const { connect } = await setup({ pingPeriodMs: 40, pongGraceMs: 160 });
  const silent = await connect({ autoPong: false });
  const polite = await connect();
  expect((await silent.untilClosed(2000)).code).toBe(1006);
  expect(performance.now() - silent.openedAt).toBeGreaterThan(180);
  await polite.roundTrip();
});
