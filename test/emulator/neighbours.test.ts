// Owns the proof that other people's sockets spoil posts and frames as they do on a real server.
import { expect, test } from "vitest";
import { call, type Reply } from "../contract/call.ts";
import { setup } from "./start.ts";

function outcome({ status, text, contentType }: Reply): unknown[] {
  return [status, text, contentType];
}
const crashed = [500, "", "application/json"];

test("a stalled neighbour fails exactly one post, stored, and those after it miss its frame", async () => {
  const { emulator, connect, post } = await setup();
  const before = await connect();
  await before.roundTrip();
  emulator.faults.addStalledNeighbour({ delayMs: 150 });
  const after = await connect();
  await after.roundTrip();

  const startedAt = performance.now();
  expect(outcome(await post("1"))).toEqual(crashed);
  expect(performance.now() - startedAt).toBeGreaterThan(140);
  expect((await post("2")).status).toBe(200);
  await after.frameOf(2);
  await before.frameOf(2);
  expect([before.ids(), after.ids()]).toEqual([[1, 2], [2]]);
  expect(after.closing).toBeUndefined();
  expect(emulator.store.messages().map(({ message }) => message)).toEqual(["1", "2"]);
});

test("a leaving neighbour does it at once", async () => {
  const { emulator, connect, post } = await setup();
  emulator.faults.addLeavingNeighbour();
  const stream = await connect();
  await stream.roundTrip();
  expect(outcome(await post("1"))).toEqual(crashed);
  expect((await post("2")).status).toBe(200);
  await stream.frameOf(2);
  expect(stream.ids()).toEqual([2]);
});

test("a neighbour disturbs its own user only", async () => {
  const { emulator, post } = await setup();
  const bob = emulator.createUser("bob");
  const theirs = emulator.createApplication("theirs", { userId: bob.id });
  emulator.faults.addLeavingNeighbour({ userId: bob.id });
  expect((await post("m")).status).toBe(200);
  const reply = await call(`${emulator.url}/message`, "POST", {
    as: theirs,
    json: { message: "m" },
  });
  expect(outcome(reply)).toEqual(crashed);
});

test("a socket that opens while a post is held up is put on the list afterwards: its pong comes late", async () => {
  const { emulator, connect, post } = await setup();
  emulator.faults.addStalledNeighbour({ delayMs: 600_000 });
  const reply = post("1");
  await emulator.until(() => emulator.store.messages().length === 1);
  const stream = await connect();
  stream.socket.ping("barrier");
  await call(`${emulator.url}/health`, "GET");
  expect([stream.pongs, emulator.store.streamCount()]).toEqual([[], 0]);
  emulator.faults.clear();
  expect((await reply).status).toBe(500);
  await stream.until(() => stream.pongs.includes("barrier"));
});

test("clear sends the neighbours away that nobody has met yet", async () => {
  const { emulator, post } = await setup();
  emulator.faults.addStalledNeighbour();
  emulator.faults.clear();
  expect((await post("m")).status).toBe(200);
});

test("a real socket that does not read and is not full yet harms nobody", async () => {
  const { connect, post } = await setup({ writeDeadlineMs: 50 });
  const lazy = await connect();
  await lazy.roundTrip();
  lazy.socket.pause();
  for (let at = 0; at < 20; at += 1) expect((await post("small")).status).toBe(200);
  lazy.socket.resume();
  await lazy.frameOf(20);
});
