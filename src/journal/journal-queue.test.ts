import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { JournalError } from "./journal-errors.ts";
import { createJournalQueue } from "./journal-queue.ts";
import { openJournal, type Journal } from "./journal.ts";

const identity = { channelId: "gotify", accountId: "home", queueName: "gotify:home" };
let folder = "";
let clock = 1_000;
let journal: Journal;
const now = (): number => clock;
const queue = () => createJournalQueue(journal, { identity, now });

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "openclaw-gotify-journal-"));
  clock = 1_000;
  ({ journal } = openJournal(folder));
  onTestFinished(() => {
    journal.close();
    rmSync(folder, { recursive: true });
  });
});

describe("the inbox", () => {
  test("takes an id once, whatever became of it", async () => {
    const inbox = queue();
    expect(await inbox.enqueue("7", "body", { laneKey: "5" })).toMatchObject({
      kind: "accepted",
      record: {
        id: "7",
        payload: "body",
        laneKey: "5",
        receivedAt: 1_000,
        attempts: 0,
        ...identity,
      },
    });
    expect((await inbox.enqueue("7", "again")).kind).toBe("pending");
    const claim = await inbox.claimNext({ ownerId: "me" });
    expect((await inbox.enqueue("7", "again")).kind).toBe("claimed");
    expect(await inbox.complete(claim ?? "")).toBe(true);
    expect(await inbox.enqueue("7", "again")).toMatchObject({ kind: "completed", duplicate: true });
    await inbox.enqueue("8", "body");
    await inbox.fail("8", { reason: "poison", message: "cannot be read" });
    expect(await inbox.enqueue("8", "again")).toMatchObject({
      kind: "failed",
      record: { reason: "poison", message: "cannot be read" },
    });
  });

  test("keeps what was taken in when the process ends", async () => {
    await queue().enqueue("7", { text: "body" });
    journal.close();
    ({ journal } = openJournal(folder));
    expect(await queue().listPending()).toMatchObject([{ id: "7", payload: { text: "body" } }]);
  });

  test("keeps no body of a completed message, not even in the file", async () => {
    const inbox = queue();
    // So long that it takes pages of its own, which nothing else is written over.
    await inbox.enqueue("7", "a secret conversation, ".repeat(1_000));
    const bytes = (): string => readFileSync(journal.file, "latin1");
    journal.db.exec("pragma wal_checkpoint(truncate)");
    expect(bytes()).toContain("a secret conversation");
    await inbox.complete("7");
    expect(journal.db.prepare("select payload from inbox").get()).toEqual({ payload: null });
    journal.db.exec("pragma wal_checkpoint(truncate)");
    expect(bytes()).not.toContain("a secret conversation");
  });

  test("is on the disk with what was answered or given up, before anybody is told so", async () => {
    const written: unknown[] = [];
    journal.db.function("note", (state) => {
      written.push([state, journal.sql("pragma synchronous").get()?.["synchronous"]]);
      return null;
    });
    journal.db.exec(
      "create temp trigger watch after update of state on inbox begin select note(new.state); end",
    );
    const inbox = queue();
    for (const id of ["7", "8"]) await inbox.enqueue(id, "body");
    await inbox.complete((await inbox.claimNext()) ?? "");
    await inbox.fail((await inbox.claimNext()) ?? "", { reason: "poison" });
    const [normal, full] = [1, 2];
    expect(written).toEqual([
      ["claimed", normal],
      ["completed", full],
      ["claimed", normal],
      ["failed", full],
    ]);
  });

  test("gives out in order of arrival, one at a time within a lane", async () => {
    const inbox = queue();
    for (const [id, laneKey] of [
      ["9", "a"],
      ["10", "a"],
      ["11", "b"],
    ] as const) {
      await inbox.enqueue(id, id, { laneKey });
    }
    const first = await inbox.claimNext();
    expect(first?.id).toBe("9");
    expect((await inbox.claimNext({ blockedLaneKeys: ["a"] }))?.id).toBe("11");
    expect(await inbox.claimNext({ blockedLaneKeys: ["a", "b"] })).toBeNull();
    await inbox.complete(first ?? "");
    expect((await inbox.claimNext())?.id).toBe("10");
    expect(await inbox.claimNext()).toBeNull();
  });

  test("orders ids as numbers when asked to", async () => {
    const inbox = queue();
    for (const id of ["100", "9", "10"]) await inbox.enqueue(id, id);
    const ids = (await inbox.listPending({ orderBy: "id" })).map((record) => record.id);
    expect(ids).toEqual(["9", "10", "100"]);
    expect(await inbox.listPending({ orderBy: "id", limit: 1 })).toMatchObject([{ id: "9" }]);
  });

  test("obeys only the holder of a claim", async () => {
    const inbox = queue();
    await inbox.enqueue("7", "body");
    const stale = await inbox.claim("7", { ownerId: "before" });
    expect(await inbox.claim("7")).toBeNull();
    await inbox.release(stale ?? "", { lastError: "try later" });
    const current = await inbox.claim("7", { ownerId: "after" });
    expect(current).toMatchObject({
      attempts: 1,
      lastError: "try later",
      claim: { ownerId: "after" },
    });
    expect(await inbox.complete(stale ?? "")).toBe(false);
    expect(await inbox.release(stale ?? "")).toBe(false);
    expect(await inbox.fail(stale ?? "", { reason: "x" })).toBe(false);
    expect(await inbox.complete(current ?? "")).toBe(true);
  });

  test("counts an attempt only when it was one", async () => {
    const inbox = queue();
    await inbox.enqueue("7", "body");
    await inbox.release((await inbox.claimNext()) ?? "", { recordAttempt: false });
    expect(await inbox.listPending()).toMatchObject([{ attempts: 0 }]);
    clock = 5_000;
    await inbox.release((await inbox.claimNext()) ?? "");
    expect(await inbox.listPending()).toMatchObject([{ attempts: 1, lastAttemptAt: 5_000 }]);
  });

  test("frees the claims of a process that died, and spares those that are refreshed", async () => {
    const inbox = queue();
    await inbox.enqueue("7", "body");
    await inbox.enqueue("8", "body");
    await inbox.claimNext({ ownerId: "dead" });
    const alive = await inbox.claimNext({ ownerId: "alive" });
    clock += 10_000;
    await inbox.refreshClaim?.(alive ?? { id: "", claim: { token: "" } });
    expect(await inbox.recoverStaleClaims({ staleMs: 5_000 })).toBe(1);
    expect((await inbox.listPending()).map(({ id }) => id)).toEqual(["7"]);
    expect(await inbox.recoverStaleClaims({ staleMs: 0, shouldRecover: () => false })).toBe(0);
  });

  test("lists dead letters with their bodies, and takes them back", async () => {
    const inbox = queue();
    await inbox.enqueue("7", "body");
    await inbox.fail((await inbox.claimNext()) ?? "", { reason: "poison" });
    expect(await inbox.listFailed?.()).toMatchObject([
      { id: "7", payload: "body", reason: "poison" },
    ]);
    expect(await inbox.resubmit?.("7")).toMatchObject({
      kind: "resubmitted",
      previous: { reason: "poison" },
    });
    const again = await inbox.claimNext();
    expect(again?.payload).toBe("body");
    expect(await inbox.resubmit?.("7")).toEqual({ kind: "active", status: "claimed" });
    await inbox.complete(again ?? "");
    expect((await inbox.resubmit?.("7"))?.kind).toBe("completed");
    expect(await inbox.resubmit?.("nothing")).toEqual({ kind: "not-found" });
  });

  test("counts a recovery as an attempt, so that a message that kills the process is not tried for ever", async () => {
    const inbox = queue();
    await inbox.enqueue("7", "body");
    for (let crash = 1; crash <= 3; crash += 1) {
      await inbox.claimNext({ ownerId: "dead" });
      inbox.joinTurn(["7"]);
      clock += 1_000;
      await inbox.recoverStaleClaims({ staleMs: 0 });
      expect(await inbox.listPending()).toMatchObject([{ attempts: crash, lastAttemptAt: clock }]);
    }
  });

  test("does not charge what only waited when the process was killed", async () => {
    const inbox = queue();
    await inbox.enqueue("7", "body");
    await inbox.claimNext({ ownerId: "dead" });
    await inbox.recoverStaleClaims({ staleMs: 0 });
    expect(await inbox.listPending()).toMatchObject([{ attempts: 0 }]);
    // A turn that was given back is over: when it is claimed again, it only waits again.
    const claim = await inbox.claimNext();
    inbox.joinTurn(["7"]);
    await inbox.release(claim ?? "", { recordAttempt: false });
    await inbox.claimNext({ ownerId: "dead" });
    await inbox.recoverStaleClaims({ staleMs: 0 });
    expect(await inbox.listPending()).toMatchObject([{ attempts: 0 }]);
  });

  test("settles what a full disk refused, as soon as there is room", async () => {
    const waits: number[] = [];
    const inbox = createJournalQueue(journal, {
      identity,
      now,
      async untilNextTry() {
        waits.push(waits.length);
      },
    });
    await inbox.enqueue("7", "body");
    const claim = await inbox.claim("7");
    fillDisk();
    expect(await inbox.complete(claim ?? "")).toBe(true);
    expect(waits).toHaveLength(2);
    expect((await inbox.enqueue("7", "again")).kind).toBe("completed");

    /** Each write fails as on a full disk, twice. */
    function fillDisk(): void {
      let left = 2;
      const { durably } = journal;
      Object.assign(journal, {
        durably: (work: () => unknown) => {
          if (left === 0) return durably(work);
          left -= 1;
          throw new JournalError("full", "no room");
        },
      });
    }
  });

  test("leaves a row as it is when the journal was closed before it could be settled", async () => {
    const inbox = queue();
    await inbox.enqueue("7", "body");
    const claim = await inbox.claimNext();
    journal.close();
    expect(await inbox.complete(claim ?? "")).toBe(false);
    expect(await inbox.release(claim ?? "")).toBe(false);
    ({ journal } = openJournal(folder));
    expect(await queue().listClaims()).toMatchObject([{ id: "7" }]);
  });

  test("sets aside what another server posted", async () => {
    const inbox = queue();
    for (const id of ["a:1:0:7", "b:1:0:7"]) await inbox.enqueue(id, "body");
    expect(inbox.setAsideOthers("b:1")).toBe(1);
    expect(await inbox.listPending()).toMatchObject([{ id: "b:1:0:7" }]);
    expect(await inbox.listFailed?.()).toMatchObject([{ id: "a:1:0:7", reason: "other-server" }]);
  });

  test("lists the heads of lanes, and each lane in its turn when there are many", async () => {
    const inbox = queue();
    journal.transaction(() => {
      const insert = journal.sql(
        `insert into inbox (id, state, lane, payload, position, received_at, updated_at)
         values ($id, 'pending', $lane, '"body"', $position, 0, 0)`,
      );
      for (let position = 1; position <= 3_000; position += 1) {
        insert.run({ id: `m${position}`, lane: `lane ${position % 1_200}`, position });
      }
    });
    const lanes = new Set<string | undefined>();
    for (let round = 1; round <= 3; round += 1) {
      const listed = await inbox.listPending({ limit: "all" });
      expect(listed.length).toBeLessThanOrEqual(2_000);
      expect(listed.map(({ id }) => Number(id.slice(1)))).toEqual(
        listed.map(({ id }) => Number(id.slice(1))).toSorted((a, b) => a - b),
      );
      for (const { laneKey } of listed) lanes.add(laneKey);
    }
    expect(lanes.size).toBe(1_200);
    expect(await inbox.listPending()).toHaveLength(3_000);
  });

  test("lists of each lane what has failed before and the first that has not, and what has no lane", async () => {
    const inbox = queue();
    for (const id of ["1", "2", "3", "4"]) await inbox.enqueue(id, "body", { laneKey: "a" });
    for (const id of ["5", "6"]) await inbox.enqueue(id, "body");
    for (const id of ["1", "2"]) await inbox.release((await inbox.claim(id)) ?? "");
    const listed = await inbox.listPending({ limit: "all" });
    expect(listed.map(({ id }) => id)).toEqual(["1", "2", "3", "5"]);
  });

  test("leaves a claim alone that is refreshed while its recovery is being decided", async () => {
    const inbox = queue();
    await inbox.enqueue("7", "body");
    const claim = await inbox.claimNext({ ownerId: "slow" });
    clock += 10_000;
    const recovered = await inbox.recoverStaleClaims({
      staleMs: 5_000,
      shouldRecover: async () => {
        await inbox.refreshClaim?.(claim ?? { id: "", claim: { token: "" } });
        return true;
      },
    });
    expect(recovered).toBe(0);
    expect(await inbox.complete(claim ?? "")).toBe(true);
  });

  test("obeys an id alone only where nobody holds the row, and never forgets a tombstone by it", async () => {
    const inbox = queue();
    await inbox.enqueue("7", "body");
    const claim = await inbox.claimNext();
    expect(await inbox.complete("7")).toBe(false);
    expect(await inbox.fail("7", { reason: "x" })).toBe(false);
    expect(await inbox.delete("7")).toBe(false);
    await inbox.complete(claim ?? "");
    expect(await inbox.delete("7")).toBe(false);
    expect((await inbox.enqueue("7", "again")).kind).toBe("completed");
    expect(await inbox.complete("8")).toBe(true);
    expect((await inbox.enqueue("8", "late")).kind).toBe("completed");
  });

  test("sets a damaged body aside instead of letting it hold up its conversation", async () => {
    const inbox = queue();
    await inbox.enqueue("7", "body", { laneKey: "a" });
    await inbox.enqueue("8", "good", { laneKey: "a" });
    journal.db.exec("update inbox set payload = '{\"half' where id = '7'");
    expect((await inbox.claimNext())?.id).toBe("8");
    expect(await inbox.listFailed?.()).toMatchObject([{ id: "7", reason: "corrupt_payload" }]);
  });

  test("forgets by age and by number, but never what it is told to spare", async () => {
    const inbox = queue();
    for (const id of ["1", "2", "3", "4"]) {
      await inbox.enqueue(id, id);
      await inbox.complete(id);
      clock += 1_000;
    }
    expect(await inbox.prune({ completedTtlMs: 3_500, protectIds: ["1"] })).toBe(0);
    expect(await inbox.prune({ completedTtlMs: 3_500 })).toBe(1);
    expect(await inbox.prune({ completedMaxEntries: 1 })).toBe(2);
    expect((await inbox.enqueue("4", "again")).kind).toBe("completed");
    expect((await inbox.enqueue("1", "again")).kind).toBe("accepted");
  });

  test("completes a merged turn as one, and lets everyone say so", async () => {
    const inbox = queue();
    const claims = [];
    for (const id of ["1", "2", "3"]) {
      await inbox.enqueue(id, id, { laneKey: "5" });
      claims.push(await inbox.claim(id));
    }
    const [first, second, third] = claims;
    inbox.joinTurn(["1", "2"]);
    expect(await inbox.complete(first ?? "")).toBe(true);
    expect(await inbox.listClaims()).toMatchObject([{ id: "3" }]);
    expect(await inbox.complete(second ?? "")).toBe(true);
    // One that was never part of it is still somebody's to complete.
    expect((await inbox.enqueue("2", "again")).kind).toBe("completed");
    expect((await inbox.enqueue("3", "again")).kind).toBe("claimed");
    expect(await inbox.complete(third ?? "")).toBe(true);
  });

  test("forgets a merged turn that came to nothing", async () => {
    const inbox = queue();
    for (const id of ["1", "2"]) await inbox.enqueue(id, id);
    const [first, second] = [await inbox.claim("1"), await inbox.claim("2")];
    inbox.joinTurn(["1", "2"]);
    await inbox.release(first ?? "");
    expect(await inbox.complete(second ?? "")).toBe(true);
    expect(await inbox.listPending()).toMatchObject([{ id: "1" }]);
  });

  test("knows under which row the host was given a turn, in the next process too", async () => {
    const inbox = queue();
    for (const id of ["1", "2", "3"]) await inbox.enqueue(id, id);
    for (const id of ["1", "2"]) await inbox.claim(id);
    inbox.noteHandedIn(["1", "2", "3"]);
    expect(["1", "2", "3", "4"].map((id) => inbox.handedIn(id))).toEqual([
      "3",
      "3",
      // Not claimed, so it was not this process's to hand over.
      undefined,
      undefined,
    ]);
    await inbox.recoverStaleClaims({ staleMs: 0 });
    const next = createJournalQueue(journal, { identity, now });
    await next.claim("1");
    expect(next.handedIn("1")).toBe("3");
    next.noteHandedIn(["1"]);
    expect([next.handedIn("1"), next.handedIn("2")]).toEqual(["1", "3"]);
  });

  test("hands out nothing while it is closed, and takes in all the same", async () => {
    let isOpen = false;
    const inbox = createJournalQueue(journal, { identity, now, isOpen: () => isOpen });
    await inbox.enqueue("1", "body");
    expect(await inbox.listPending({ limit: "all" })).toEqual([]);
    expect(await inbox.claimNext()).toBeNull();
    isOpen = true;
    expect(await inbox.listPending({ limit: "all" })).toHaveLength(1);
    expect((await inbox.claimNext())?.id).toBe("1");
  });

  test("hands out nothing of a lane that is full", async () => {
    const inbox = createJournalQueue(journal, { identity, now, isFull: (lane) => lane === "a" });
    for (const laneKey of ["a", "b"]) await inbox.enqueue(`of ${laneKey}`, "body", { laneKey });
    expect(await inbox.listPending({ limit: "all" })).toMatchObject([{ id: "of b" }]);
    expect(await inbox.claimNext()).toMatchObject({ id: "of b" });
    expect(await inbox.claimNext()).toBeNull();
  });

  test("hands out nothing to a process that may not consume", async () => {
    const inbox = createJournalQueue(journal, {
      identity,
      now,
      assertConsumer() {
        throw new Error("not yours");
      },
    });
    await inbox.enqueue("1", "body");
    await expect(inbox.claimNext()).rejects.toThrow("not yours");
    await expect(inbox.claim("1")).rejects.toThrow("not yours");
    expect(await inbox.listPending()).toHaveLength(1);
  });
});

describe("what is counted", () => {
  test("is each message that is tried again or given up, and each look of the host", async () => {
    const counted: string[] = [];
    let looks = 0;
    const inbox = createJournalQueue(journal, {
      identity,
      now,
      onAsked: () => (looks += 1),
      onCount: (what, times) => counted.push(`${what} ${times}`),
    });
    for (const id of ["a:1", "a:2", "b:3", "b:4"]) await inbox.enqueue(id, "body");
    await inbox.listPending({ limit: "all" });
    await inbox.listPending({ limit: 5 });
    expect(looks).toBe(1);

    const tried = await inbox.claim("a:1");
    await inbox.release(tried ?? "", { lastError: "No." });
    expect(counted.splice(0)).toEqual(["retries 1"]);
    // Given back untried, or by somebody who does not hold it any more.
    const untried = await inbox.claim("a:1");
    await inbox.release(untried ?? "", { recordAttempt: false });
    await inbox.release(untried ?? "");
    expect(counted).toEqual([]);

    await inbox.fail("a:2", { reason: "poison" });
    await inbox.fail("a:2", { reason: "poison" });
    expect(counted.splice(0)).toEqual(["failed 1"]);
    inbox.setAsideOthers("a");
    inbox.setAsideOthers("a");
    expect(counted.splice(0)).toEqual(["failed 2"]);
    journal.sql("update inbox set payload = 'no JSON' where id = 'a:1'").run();
    expect(await inbox.claimNext()).toBeNull();
    expect(counted).toEqual(["failed 1"]);
  });
});
