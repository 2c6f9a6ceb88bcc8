import { existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { anyNumber, textLike } from "../../../test/support/like.ts";
import { openJournal } from "../../journal/journal.ts";
import type { Outbox, OutboxNote } from "../../journal/outbox.ts";
import { journaledReplies } from "./unsettled-replies.ts";

function setup() {
  const folder = mkdtempSync(join(tmpdir(), "gotify-unsettled-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const warnings: string[] = [];
  const replies = () => {
    const ours = journaledReplies({
      folderOf: () => folder,
      warn: (text) => void warnings.push(text),
    });
    onTestFinished(() => ours.close());
    return ours;
  };
  return { folder, file: join(folder, "journal.sqlite"), warnings, replies };
}

const KEY = { id: "d-1", payload: 0 };
const failed: OutboxNote = {
  ...KEY,
  payloads: 1,
  target: "app:5",
  parts: [{ message: "hello", title: undefined, priority: 5, extras: {} }],
  state: "waiting",
  stored: new Map(),
  reason: "no connection",
  isOwed: true,
  origin: "here",
};
const note = (outbox: Outbox): void => outbox.note(failed, true);

test("what one process notes, another finds, also when both have the file open", () => {
  const { replies } = setup();
  const [ours, theirs] = [replies(), replies()];
  ours.write("home", note);
  expect(theirs.look("home", (outbox) => outbox.find(KEY))).toMatchObject({ attempts: 1 });
  theirs.write("home", (outbox) => outbox.noteGivenUp(KEY.id));
  expect(ours.look("home", (outbox) => outbox.find(KEY)?.givenUpAt)).toEqual(anyNumber());
});

test("an account without trouble gets no journal", () => {
  const { file, replies, warnings } = setup();
  expect(replies().look("home", (outbox) => outbox.find(KEY))).toBeUndefined();
  expect(existsSync(file)).toBe(false);
  expect(warnings).toEqual([]);
});

test("a journal that does not take the note costs the note and one line in the log, not the reply", () => {
  const { file, replies, warnings } = setup();
  writeFileSync(file, "no database");
  const ours = replies();
  ours.write("home", note);
  ours.write("home", note);
  expect(warnings).toEqual([textLike(/outbox of account home cannot be used: .*journal/)]);
});

test("a consumer that has the journal open does not mind", () => {
  const { folder, replies } = setup();
  const { journal } = openJournal(folder);
  onTestFinished(() => journal.close());
  const ours = replies();
  ours.write("home", note);
  expect(ours.look("home", (outbox) => outbox.list())).toHaveLength(1);
});

test("a file that was put in the place of the old one is the one that counts", () => {
  const { folder, file, replies } = setup();
  const ours = replies();
  ours.write("home", note);
  renameSync(file, `${file}.old`);
  for (const suffix of ["-wal", "-shm"]) rmSync(file + suffix, { force: true });
  openJournal(folder).journal.close();
  expect(ours.look("home", (outbox) => outbox.list())).toEqual([]);
});

test("what arrived is forgotten for everybody who asks, before the file has heard of it", () => {
  const { replies } = setup();
  const [ours, theirs] = [replies(), replies()];
  ours.begin("home", failed);
  ours.forgetSoon("home", KEY);
  expect(ours.find("home", KEY)).toBeUndefined();
  expect(theirs.find("home", KEY)).toMatchObject({ id: KEY.id });
  expect(ours.look("home", (outbox) => outbox.list())).toEqual([]);
  expect(theirs.find("home", KEY)).toBeUndefined();
});

test("what is posted again right after it arrived stays noted", async () => {
  const { replies } = setup();
  const ours = replies();
  ours.begin("home", failed);
  ours.forgetSoon("home", KEY);
  ours.begin("home", failed);
  await new Promise((resolve) => setImmediate(resolve));
  expect(ours.find("home", KEY)).toMatchObject({ id: KEY.id });
});

test("what arrived is forgotten with the next turn of the event loop, with the next look, and at the end", async () => {
  const { replies } = setup();
  const [ours, theirs] = [replies(), replies()];
  const left = () => theirs.look("home", (outbox) => outbox.list().map(({ id }) => id));
  ours.begin("home", failed);
  ours.forgetSoon("home", KEY);
  ours.begin("home", { ...failed, id: "d-2" });
  expect(left()).toEqual(["d-1", "d-2"]);
  await new Promise((resolve) => setImmediate(resolve));
  expect(left()).toEqual(["d-2"]);
  ours.forgetSoon("home", { id: "d-2", payload: 0 });
  expect(ours.look("home", (outbox) => outbox.list())).toEqual([]);
  expect(left()).toEqual([]);
  ours.begin("home", { ...failed, id: "d-3" });
  ours.forgetSoon("home", { id: "d-3", payload: 0 });
  ours.close();
  expect(left()).toEqual([]);
});
