// Owns the proof that simultaneous posts overtake each other as ordered: frames out of order, rows visible late.
import { expect, test } from "vitest";
import { asList, asNumber, asObject, call } from "../contract/call.ts";
import { setup, type Setup } from "./start.ts";

async function visibleIds({ emulator, client }: Setup): Promise<readonly number[]> {
  const page = await call(`${emulator.url}/message`, "GET", { as: client });
  return asList(asObject(page.json)["messages"]).map(({ id }) => asNumber(id));
}

/** Far longer than the test: only newer ids let a post go. */
const NEVER_BY_TIME = { delayMs: 600_000 };

test("commitLate hides a row that has its id, until so many newer ids are given out", async () => {
  const site = await setup();
  const { emulator, connect, post } = site;
  const stream = await connect();
  emulator.faults.commitLate({ ...NEVER_BY_TIME, share: 0.5, ids: 3 });
  expect((await post("1")).json).toMatchObject({ id: 1 });
  let isAnswered = false;
  const late = post("2").then((reply) => {
    isAnswered = true;
    return reply;
  });
  await emulator.until(() => emulator.store.requests().length === 3);
  expect((await post("3")).json).toMatchObject({ id: 3 });
  await stream.frameOf(3);
  expect([await visibleIds(site), isAnswered]).toEqual([[3, 1], false]);

  // The fourth would be late as well; the fifth is the third newer one, and lets the second go.
  void post("4");
  await emulator.until(() => emulator.store.requests().length === 6);
  await post("5");
  expect((await late).json).toMatchObject({ id: 2, message: "2" });
  expect(await visibleIds(site)).toEqual([5, 3, 2, 1]);
  await stream.frameOf(2);
  expect(stream.ids()).toEqual([1, 3, 5, 2]);

  emulator.faults.commitLate(undefined);
  await stream.frameOf(4);
  expect(await visibleIds(site)).toEqual([5, 4, 3, 2, 1]);
});

test("commitLate ends by time as well", async () => {
  const site = await setup();
  const { emulator, connect, post } = site;
  const stream = await connect();
  emulator.faults.commitLate({ share: 1, delayMs: 100, ids: 1000 });
  const posts = Promise.all([post("1"), post("2"), post("3")]);
  await emulator.until(() => emulator.store.requests().length === 4);
  expect((await posts).map(({ status }) => status)).toEqual([200, 200, 200]);
  expect(await visibleIds(site)).toEqual([3, 2, 1]);
  await stream.until(() => stream.frames.length === 3);
});

test("a row that is late for an application deleted meanwhile never shows", async () => {
  const site = await setup();
  const { emulator, application } = site;
  emulator.faults.commitLate({ ...NEVER_BY_TIME, share: 1 });
  emulator.push({ appid: application.id, message: "m" });
  emulator.deleteApplication(application.id);
  emulator.faults.commitLate(undefined);
  expect(emulator.store.messages()).toEqual([]);
});

test("shuffleFrames lets frames overtake each other while REST shows their messages at once", async () => {
  const site = await setup();
  const { emulator, application, connect } = site;
  const stream = await connect();
  emulator.faults.shuffleFrames({ delayMs: 60 });
  const drafts = Array.from({ length: 21 }, (_, at) => ({
    appid: application.id,
    message: `message ${at}`,
  }));
  const ids = drafts.map((draft) => emulator.push(draft).id);
  expect(await visibleIds(site)).toEqual(ids.toReversed());
  await stream.until(() => stream.frames.length === ids.length);
  const arrived = stream.ids();
  expect(arrived).not.toEqual(ids);
  expect(arrived.toSorted((a, b) => a - b)).toEqual(ids);
  const late = arrived.filter((id, at) => Math.max(...arrived.slice(0, at), 0) > id);
  expect(late).toHaveLength(10);
});

test("stopping and clear let go what is held up", async () => {
  const { emulator, connect, post } = await setup();
  const stream = await connect();
  emulator.faults.commitLate({ ...NEVER_BY_TIME, share: 1 });
  emulator.faults.shuffleFrames({ ...NEVER_BY_TIME, share: 1 });
  const reply = post("m");
  await emulator.until(() => emulator.store.requests().length === 2);
  emulator.faults.clear();
  expect((await reply).status).toBe(200);
  await stream.frameOf(1);
});
