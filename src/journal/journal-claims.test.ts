import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { createJournalQueue, type JournalQueue } from "./journal-queue.ts";
import { openJournal, type Journal } from "./journal.ts";

const identity = { channelId: "gotify", accountId: "home", queueName: "gotify:home" };
let journal: Journal;
let inbox: JournalQueue;

const claimed = async (): Promise<string[]> => (await inbox.listClaims()).map(({ id }) => id);
const fill = async (...ids: string[]): Promise<void> => {
  for (const id of ids) await inbox.enqueue(id, "body", { laneKey: `lane of ${id}` });
};

beforeEach(() => {
  const folder = mkdtempSync(join(tmpdir(), "openclaw-gotify-claims-"));
  ({ journal } = openJournal(folder));
  inbox = createJournalQueue(journal, { identity });
  onTestFinished(() => {
    journal.close();
    rmSync(folder, { recursive: true });
  });
});

describe("the list of claims", () => {
  test("is up to date after every change of a claim", async () => {
    await fill("1", "2", "3");
    expect(await claimed()).toEqual([]);
    const first = await inbox.claimNext();
    expect(await claimed()).toEqual(["1"]);
    const second = await inbox.claim("2");
    const third = await inbox.claimNext();
    expect(await claimed()).toEqual(["1", "2", "3"]);
    await inbox.complete(first ?? "");
    expect(await claimed()).toEqual(["2", "3"]);
    await inbox.release(second ?? "");
    expect(await claimed()).toEqual(["3"]);
    await inbox.fail(third ?? "", { reason: "poison" });
    expect(await claimed()).toEqual([]);
  });

  test("tells a claim that was refreshed, and one that was taken again in the same moment", async () => {
    inbox = createJournalQueue(journal, { identity, now: () => 1_000 });
    await fill("1");
    const before = await inbox.claimNext();
    expect(await inbox.listClaims()).toMatchObject([{ claim: before?.claim }]);
    await inbox.release(before ?? "", { recordAttempt: false });
    const after = await inbox.claimNext();
    expect(await inbox.listClaims()).toMatchObject([{ claim: after?.claim }]);
    await inbox.refreshClaim?.(after ?? { id: "", claim: { token: "" } }, { refreshedAt: 7_000 });
    expect(await inbox.listClaims()).toMatchObject([{ claim: { claimedAt: 7_000 } }]);
  });

  test("shows what another process has changed", async () => {
    await fill("1", "2");
    await inbox.claimNext();
    expect(await claimed()).toEqual(["1"]);
    const other = new DatabaseSync(journal.file);
    onTestFinished(() => other.close());
    other.exec("update inbox set state = 'pending', claim_token = null where id = '1'");
    expect(await claimed()).toEqual([]);
  });

  test("forgets what was rolled back", async () => {
    await fill("1");
    await inbox.claimNext();
    let inside: Promise<string[]> = Promise.resolve([]);
    expect(() =>
      journal.transaction(() => {
        journal.db.exec("update inbox set state = 'completed'");
        inside = claimed();
        throw new Error("not after all");
      }),
    ).toThrow("not after all");
    expect(await inside).toEqual([]);
    expect(await claimed()).toEqual(["1"]);
  });

  test("frees what a dead process held, even when it was listed a moment ago", async () => {
    await fill("1");
    await inbox.claimNext({ ownerId: "dead" });
    expect(await claimed()).toEqual(["1"]);
    expect(await inbox.recoverStaleClaims({ staleMs: 0 })).toBe(1);
    expect(await claimed()).toEqual([]);
    expect(await inbox.recoverStaleClaims({ staleMs: 0 })).toBe(0);
  });
});

describe("among candidates", () => {
  test("the first in order is claimed, whatever the order they are named in", async () => {
    await fill("9", "10", "11");
    expect(await inbox.claimNext({ candidateIds: ["11", "10"] })).toMatchObject({ id: "10" });
    const rest = { candidateIds: ["11", "10", "9"], scanLimit: 1 };
    expect(await inbox.claimNext(rest)).toMatchObject({ id: "9" });
    expect(await inbox.claimNext({ candidateIds: ["unheard of"] })).toBeNull();
  });

  test("a lane stays closed whose candidate is being handled", async () => {
    for (const id of ["1", "2"]) await inbox.enqueue(id, "body", { laneKey: "one" });
    await inbox.claim("2");
    expect(await inbox.claimNext({ candidateIds: ["1", "2"] })).toBeNull();
    expect(await inbox.claimNext({ candidateIds: ["1"] })).toMatchObject({ id: "1" });
  });

  test("a claim comes with its body, and says whose it is", async () => {
    await fill("1");
    const claim = await inbox.claimNext({ candidateIds: ["1"], ownerId: "me" });
    expect(claim).toMatchObject({ payload: "body", claim: { ownerId: "me" } });
    expect(await inbox.listClaims()).toMatchObject([{ id: "1", claim: claim?.claim }]);
  });

  test("very many that wait cost nothing: none of them is looked at", async () => {
    await fill("1");
    const medianOfClaims = async (): Promise<number> => {
      const times: number[] = [];
      for (let round = 0; round < 51; round += 1) {
        const begun = performance.now();
        const claim = await inbox.claimNext({ candidateIds: ["1"] });
        times.push(performance.now() - begun);
        await inbox.release(claim ?? "", { recordAttempt: false });
      }
      return times.toSorted((a, b) => a - b)[25] ?? Number.NaN;
    };
    const alone = await medianOfClaims();
    const rows = "with recursive n (i) as (select 2 union all select i + 1 from n where i < 20000)";
    journal.db.exec(`${rows} insert into inbox (id, state, lane, payload, received_at, updated_at)
      select i, 'pending', 'crowd', '"body"', 1, 1 from n`);
    // A look at each of them takes a hundred times as long.
    expect((await medianOfClaims()) / alone).toBeLessThan(10);
  });
});
