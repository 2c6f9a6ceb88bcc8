import { expect, onTestFinished, test } from "vitest";
import { openInbox, type DeadMessageParts } from "../../../../test/support/dead-messages.ts";
import { textLike } from "../../../../test/support/like.ts";
import { testOffice } from "../../../../test/support/office.ts";
import { testPosting } from "../../../../test/support/posting.ts";
import { JournalError } from "../../../journal/journal-errors.ts";
import { createOutbox } from "../../../journal/outbox.ts";
import type { Office } from "./office.ts";
import { dropFromParams, listFromParams, resubmitFromParams, showFromParams } from "./work.ts";

const HOUR_MS = 3_600_000;
const HOME = "https://push.example.com";
const AWAY = "https://away.example.com";

function setup(serverUrl = HOME, currentUser?: Office["currentUser"]) {
  const process = testPosting(Date.parse("2026-03-01T12:00:00Z"));
  const now = (): number => process.clock.ms;
  const inbox = openInbox(process.folder, { serverUrl: HOME, now });
  onTestFinished(() => inbox.journal.close());
  const gotify = { serverUrl, appToken: "A", clientToken: "C" };
  const office = testOffice({ channels: { gotify } }, process, currentUser);
  const giveUp = async (id: number, parts?: DeadMessageParts): Promise<string> => {
    process.clock.ms += HOUR_MS;
    return inbox.giveUp(id, parts);
  };
  /** A reply that the server has said no to. */
  const refuse = (id: string): void =>
    createOutbox(inbox.journal, now).note(
      {
        id,
        payload: 0,
        payloads: 1,
        target: "gotify:5",
        isOwed: false,
        origin: "elsewhere",
        parts: [{ message: "text", title: undefined, priority: 5, extras: {} }],
        state: "refused",
        stored: new Map(),
        reason: "no",
      },
      true,
    );
  return {
    ...inbox,
    office,
    giveUp,
    refuse,
    ids: () => listFromParams({}, office).letters.map(({ id }) => id),
    resubmit: (id: string) => resubmitFromParams({ id }, office),
    drop: (id: string) => dropFromParams({ id }, office),
    row: (id: string) => inbox.journal.sql("select * from inbox where id = $id").get({ id }),
  };
}

test("a message is listed with who wrote it, where it belongs, since when and why, on one line each", async () => {
  const at = setup();
  await at.giveUp(7, {
    lane: "5/ops",
    message: `what\u001b[2J\nis ${"the weather ".repeat(20)}`,
    extras: { a: 1 },
  });
  await at.giveUp(8, { message: "", title: "only a title", lane: "5/!" });
  at.journal.sql("insert into grants (app, name) values (5, $name)").run({ name: "Ada's\nphone" });
  expect(listFromParams({ account: "default" }, at.office)).toEqual({
    letters: [
      {
        kind: "message",
        id: "7",
        fullId: textLike(/^\w{8}:1:0:7$/),
        account: "default",
        from: "application 5 (Ada's phone)",
        to: "gotify:peer:ops",
        since: "2026-03-01T13:00:00.000Z",
        state: "no-agent",
        reason: "No binding names an agent.",
        attempts: 0,
        preview: textLike(/^what \[2J is the weather .*…$/),
      },
      expect.objectContaining({ id: "8", to: "gotify:5", preview: "only a title" }),
    ],
    stillTried: 0,
  });
  expect(showFromParams({ id: "7" }, at.office).letter).toMatchObject({
    id: "7",
    messageId: 7,
    takenInAt: "2026-03-01T13:00:00.000Z",
    message: {
      application: 5,
      text: textLike(/^what.\[2J\nis/),
      extras: { a: 1 },
    },
  });
});

test("a message that is resubmitted waits in its conversation again, in front, as if it had never failed", async () => {
  const at = setup();
  const rowId = await at.giveUp(7, { lane: "5/ops/~it" });
  at.journal
    .sql("update inbox set attempts = 8, attempted_at = 1, last_error = 'x', handed_in = 'turn'")
    .run();
  const later = await at.giveUp(9, { lane: "5/ops" });
  expect(await at.resubmit("9")).toMatchObject({ done: [{ kind: "message", id: "9" }] });
  expect(await at.resubmit("7")).toEqual({
    done: [{ kind: "message", id: "7", account: "default" }],
    failed: [],
  });
  expect(at.row(rowId)).toMatchObject({ attempts: 0, last_error: null, handed_in: "turn" });
  expect(at.ids()).toEqual([]);
  // The account's own connection, which was open all the time, sees them at its next look.
  const pending = await at.queue.listPending({ limit: "all" });
  expect(pending.map(({ id, laneKey }) => [id, laneKey])).toEqual([[rowId, "5/ops"]]);
  const claim = await at.queue.claimNext();
  expect(claim).toMatchObject({ id: rowId, attempts: 0 });
  await expect(at.resubmit("7")).rejects.toThrow(/Message 7 .* is on its way to the agent/);
  await at.queue.complete(claim ?? "");
  await expect(at.resubmit("7")).rejects.toThrow(/Message 7 .* was dealt with/);
  expect((await at.queue.claimNext())?.id).toBe(later);
});

test("a message that is dropped leaves its id and nothing else, so that it never comes in again", async () => {
  const at = setup();
  const rowId = await at.giveUp(7, { message: "secret words" });
  at.journal.sql("update inbox set delete_at = 0, last_error = 'x'").run();
  expect(await at.drop("7")).toMatchObject({ done: [{ id: "7" }], failed: [] });
  expect(at.row(rowId)).toMatchObject({
    state: "completed",
    payload: null,
    last_error: null,
    reason_text: null,
    // Nobody read it, so it is not for this to delete it on the server.
    delete_at: null,
  });
  expect((await at.queue.enqueue(rowId, "again")).kind).toBe("completed");
  expect(await at.queue.claimNext()).toBeNull();
  await expect(at.drop("7")).rejects.toThrow(/was dealt with/);
});

test("of two who act at the same time, one is told that the other was faster", async () => {
  const at = setup();
  const rowId = await at.giveUp(7);
  const slow: Office = {
    ...at.office,
    withJournal(account, mode, work) {
      if (mode === "write") at.journal.sql("update inbox set state = 'claimed'").run();
      return at.office.withJournal(account, mode, work);
    },
  };
  const again = (): void => void at.journal.sql("update inbox set state = 'failed'").run();
  await expect(resubmitFromParams({ id: "7" }, slow)).rejects.toThrow(/somebody else was faster/);
  again();
  await expect(dropFromParams({ id: "7" }, slow)).rejects.toThrow(/somebody else was faster/);
  expect(at.row(rowId)).toMatchObject({ state: "claimed", payload: textLike(/question 7/) });
});

test("a message whose row is damaged is listed and can only be dropped", async () => {
  const at = setup();
  await at.giveUp(7);
  at.journal.sql('update inbox set payload = \'{"version":1,"body":\'').run();
  expect(listFromParams({}, at.office).letters).toMatchObject([
    { id: "7", from: "nobody knows whom", preview: "(it cannot be read)" },
  ]);
  expect(showFromParams({ id: "7" }, at.office).letter).toMatchObject({ message: null });
  await expect(at.resubmit("7")).rejects.toThrow(/damaged.*drop it/);
  await at.drop("7");
  expect(at.ids()).toEqual([]);
});

test("a message of another server or user is not given to the agent, and can be dropped", async () => {
  const away = setup(AWAY);
  await away.giveUp(7, { reason: "other-server" });
  await expect(away.resubmit("7")).rejects.toThrow(/another server or user.*Drop it/);
  expect(away.ids()).toEqual(["7"]);
  await away.drop("7");
  // The account has its server back.
  const back = setup(HOME);
  await back.giveUp(7, { reason: "other-server" });
  await back.resubmit("7");
  expect(back.ids()).toEqual([]);
});

test("where several users were read, the server says whose the account is now", async () => {
  let user: number | undefined = 2;
  const at = setup(HOME, async () => {
    if (user === undefined) throw new Error("The server is not reachable.");
    return user;
  });
  await at.giveUp(7, { user: 1 });
  await at.giveUp(8, { user: 2 });
  await expect(at.resubmit("7")).rejects.toThrow(/another server or user/);
  user = undefined;
  await expect(at.resubmit("8")).rejects.toThrow(/does not say which.*not reachable/);
  expect(at.ids()).toEqual(["7", "8"]);
  user = 2;
  await at.resubmit("8");
  expect(at.ids()).toEqual(["7"]);
});

test("a number that stands for two messages names neither, and a longer one names each", async () => {
  const at = setup();
  await at.giveUp(7);
  await at.giveUp(7, { epoch: 1 });
  await at.giveUp(17);
  expect(at.ids()).toEqual(["0:7", "1:7", "17"]);
  await expect(at.resubmit("7")).rejects.toMatchObject({
    code: "GOTIFY_AMBIGUOUS",
    message: textLike(/message 0:7 of account default, message 1:7 of/),
  });
  await at.drop("1:7");
  expect(at.ids()).toEqual(["7", "17"]);
  await at.drop("7");
  expect(at.ids()).toEqual(["17"]);
  await expect(at.drop("1")).rejects.toThrow(/no dead letter "1"/);
});

test("a thousand of each are done with one look at the journal, no text read, and room for others", async () => {
  const at = setup();
  const first = await at.giveUp(1);
  at.journal
    .sql(
      `with recursive n (i) as (select 2 union all select i + 1 from n where i < 1000)
       insert into inbox (id, state, lane, payload, received_at, updated_at, position, reason)
       select substr(id, 1, length(id) - 1) || i, state, lane, payload, received_at, updated_at, i, reason
       from inbox, n where id = $first`,
    )
    .run({ first });
  at.journal.transaction(() => {
    for (let i = 0; i < 1_000; i += 1) {
      at.refuse(`5f0c1d2e-${String(i).padStart(4, "0")}-4000-8000-000000000000`);
    }
  });
  const counted = { read: 0, write: 0, bodies: 0, others: 0 };
  const office: Office = {
    ...at.office,
    withJournal: (account, mode, work) =>
      at.office.withJournal(account, mode, (journal) => {
        counted[mode] += 1;
        return work({
          ...journal,
          sql(text) {
            if (/select payload/.test(text)) counted.bodies += 1;
            return journal.sql(text);
          },
        });
      }),
  };
  const ids = listFromParams({}, at.office).letters.map(({ fullId }) => fullId);
  expect(ids).toHaveLength(2_000);
  let isOver = false;
  const others = (): void => {
    counted.others += 1;
    if (!isOver) setImmediate(others);
  };
  others();
  const { done, failed } = await dropFromParams({ account: "default", ids }, office);
  isOver = true;
  expect([done.length, failed]).toEqual([2_000, []]);
  expect(counted).toMatchObject({ read: 2, write: 2_000, bodies: 0 });
  expect(counted.others).toBeGreaterThan(1_000);
  expect(at.ids()).toEqual([]);
}, 60_000);

test("digits alone are a message's number, and never the beginning of a reply", async () => {
  const at = setup();
  at.refuse("12345678-0001-4000-8000-000000000000");
  await expect(at.drop("1234")).rejects.toThrow(/no dead letter "1234"/);
  await at.giveUp(12345678);
  expect(at.ids()).toEqual(["12345678-", "0:12345678"]);
  await at.drop("12345678");
  expect(at.ids()).toEqual(["12345678"]);
});

test("a journal that is written into just then is waited for", async () => {
  const at = setup();
  await at.giveUp(7);
  let refusals = 0;
  at.journal.db.exec("begin immediate");
  const busy: Office = {
    ...at.office,
    withJournal(account, mode, work) {
      try {
        return at.office.withJournal(account, mode, work);
      } catch (error) {
        if (error instanceof JournalError && error.problem === "busy") {
          refusals += 1;
          at.journal.db.exec("commit");
        }
        throw error;
      }
    },
  };
  await resubmitFromParams({ id: "7" }, busy);
  expect(refusals).toBe(1);
  expect(at.ids()).toEqual([]);
});

test("of all that are meant, each that fails is told with its reason, and the others are done", async () => {
  const at = setup(HOME, async () => 1);
  await at.giveUp(7);
  await at.giveUp(8, { user: 2 });
  await at.giveUp(9);
  expect(await resubmitFromParams({ account: "default", all: true }, at.office)).toMatchObject({
    done: [{ id: "7" }, { id: "9" }],
    failed: [{ kind: "message", id: "8", error: textLike(/another server or user/) }],
  });
  expect(at.ids()).toEqual(["8"]);
});

test.each<[string, Record<string, unknown>, RegExp]>([
  ["an account that is none", { id: "7", account: "work" }, /no Gotify account "work".*default/],
  ["an account that is no text", { id: "7", account: 5 }, /in a string/],
  ["an unknown kind", { id: "7", kind: "letter" }, /message or reply, not "letter"/],
  ["no id", {}, /by its id/],
  ["an id that is no text", { id: 7 }, /by its id/],
  ["a list with something else in it", { ids: ["7", null] }, /by its id/],
  ["all of any account", { all: true }, /Name the account/],
  ["all, said otherwise", { all: "yes", account: "default" }, /"all" is true or false/],
])("a request is refused before anything is done: %s", async (_what, params, words) => {
  const at = setup();
  await at.giveUp(7);
  await expect(dropFromParams(params, at.office)).rejects.toThrow(words);
  expect(at.ids()).toEqual(["7"]);
});
