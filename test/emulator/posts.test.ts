// Owns the proof that posts go wrong as ordered: stored without an answer, stored without a frame, hanging.
import { expect, test } from "vitest";
import { asObject } from "../contract/call.ts";
import { setup } from "./start.ts";

test("dropNextFrames stores messages that no stream ever gets, while it stays open", async () => {
  const { emulator, connect, post } = await setup();
  const streams = [await connect(), await connect()];
  emulator.faults.dropNextFrames(2);
  for (const message of ["lost", "lost too", "seen"])
    expect((await post(message)).status).toBe(200);
  for (const stream of streams) {
    await stream.frameOf(3);
    expect(stream.ids()).toEqual([3]);
  }
  expect(emulator.store.messages().map(({ id }) => id)).toEqual([1, 2, 3]);
});

test("failNextPostsStored answers 500 with an empty body although the message is stored, unseen by streams", async () => {
  const { emulator, connect, post } = await setup();
  const stream = await connect();
  emulator.faults.failNextPostsStored(1);
  const failed = await post("stored");
  expect([failed.status, failed.text]).toEqual([500, ""]);
  expect((await post("fine")).status).toBe(200);
  await stream.frameOf(2);
  expect(stream.ids()).toEqual([2]);
  expect(emulator.store.messages().map(({ message }) => message)).toEqual(["stored", "fine"]);
});

test("failNextPostsStored can say what MariaDB's driver says when the database dies", async () => {
  const { emulator, connect, post } = await setup();
  const stream = await connect();
  emulator.faults.failNextPostsStored(1, { text: "invalid connection" });
  const reply = await post("stored");
  expect([reply.status, asObject(reply.json)["errorDescription"]]).toEqual([
    500,
    "invalid connection",
  ]);
  await post("next");
  await stream.frameOf(2);
  expect(emulator.store.messages().map(({ message }) => message)).toEqual(["stored", "next"]);
  expect(stream.ids()).toEqual([2]);
});

test("failNextPostsStored can let the frame out all the same", async () => {
  const { emulator, connect, post } = await setup();
  const stream = await connect();
  emulator.faults.failNextPostsStored(1, { streamed: true });
  expect((await post("stored and seen")).status).toBe(500);
  await stream.frameOf(1);
});

test("hangNextPosts gives no answer and stores nothing, until the posts thaw", async () => {
  const { emulator, connect, post } = await setup();
  const stream = await connect();
  emulator.faults.hangNextPosts(2);
  const hanging = [post("first"), post("second")];
  await emulator.until(
    () => emulator.store.requests().filter(({ method }) => method === "POST").length === 2,
  );
  const passing = await post("third");
  expect(passing.status).toBe(200);
  expect(emulator.store.messages().map(({ message }) => message)).toEqual(["third"]);

  emulator.faults.thawPosts();
  expect((await Promise.all(hanging)).map(({ status }) => status)).toEqual([200, 200]);
  await stream.frameOf(3);
  expect(emulator.store.messages()).toHaveLength(3);
});

test("a hanging post is stored when it thaws although its sender has left", async () => {
  const { emulator, application } = await setup();
  emulator.faults.hangNextPosts(1);
  const abort = new AbortController();
  const sent = fetch(`${emulator.url}/message?message=late`, {
    method: "POST",
    headers: { "x-gotify-key": application.token },
    signal: abort.signal,
  });
  await emulator.until(() => emulator.faults.hangingPosts === 1);
  abort.abort();
  await expect(sent).rejects.toThrow("aborted");
  emulator.faults.thawPosts();
  await emulator.until(() => emulator.store.messages().length === 1);
});

test("storeNextPostsLate stores and streams a post when its sender has given up", async () => {
  const { emulator, application, connect, post } = await setup();
  const stream = await connect();
  emulator.faults.storeNextPostsLate(1, 150);
  const sent = fetch(`${emulator.url}/message?message=late`, {
    method: "POST",
    headers: { "x-gotify-key": application.token },
    signal: AbortSignal.timeout(50),
  });
  await expect(sent).rejects.toThrow("timeout");
  expect(emulator.store.messages()).toEqual([]);
  expect((await post("meanwhile")).json).toMatchObject({ id: 1 });
  await stream.frameOf(2);
  expect(emulator.store.messages().map(({ message }) => message)).toEqual(["meanwhile", "late"]);
});

test("a late post is stored at once when it is thawed", async () => {
  const { emulator, post } = await setup();
  emulator.faults.storeNextPostsLate(1);
  const reply = post("m");
  await emulator.until(() => emulator.faults.hangingPosts === 1);
  emulator.faults.thawPosts();
  expect((await reply).status).toBe(200);
});

test("a post that is refused uses up no fault", async () => {
  const { emulator, post } = await setup();
  emulator.faults.failNextPostsStored(1);
  expect((await post("")).status).toBe(400);
  expect((await post("m")).status).toBe(500);
});

test("clear ends every fault that was ordered", async () => {
  const { emulator, connect, post } = await setup();
  const stream = await connect();
  emulator.faults.dropNextFrames(1);
  emulator.faults.failNextPostsStored(1);
  emulator.faults.hangNextPosts(1);
  emulator.faults.clear();
  expect((await post("m")).status).toBe(200);
  await stream.frameOf(1);
});
