import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { JournalError } from "./journal-errors.ts";
import { openJournal, type Journal } from "./journal.ts";
import { isConsumed, LEASE_STALE_MS, takeLease, type Lease, type LeaseWorld } from "./lease.ts";

let folder = "";
let clock = 1_000_000;
const opened: Journal[] = [];
const leases: Lease[] = [];

/** A process of its own, with a connection of its own. */
function processAt(world: Partial<LeaseWorld> = {}) {
  const { journal } = openJournal(folder);
  opened.push(journal);
  const take = (): Lease => {
    const lease = takeLease(journal, {
      now: () => clock,
      host: "here",
      pid: 1,
      isAlive: () => true,
      ...world,
    });
    leases.push(lease);
    return lease;
  };
  return { journal, take };
}

/** What a SIGKILL leaves: the row, and nobody in this process who knows it. */
function leaveLeaseOf(host: string, pid: number): void {
  const { journal } = processAt();
  journal.db
    .prepare("insert into lease (slot, token, host, pid, beat_at) values (1, 'gone', ?, ?, ?)")
    .run(host, pid, clock);
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "openclaw-gotify-lease-"));
  onTestFinished(() => {
    for (const lease of leases.splice(0)) lease.release();
    for (const journal of opened.splice(0)) journal.close();
    rmSync(folder, { recursive: true });
  });
});

describe("the lease", () => {
  test("lets one consumer in, and tells the second one who that is", () => {
    processAt({ pid: 41 }).take();
    const second = processAt({ pid: 42 });
    expect(second.take).toThrow(JournalError);
    expect(second.take).toThrow(/Process 41 on here already receives for this account/);
  });

  test("is free at once when it was given back", () => {
    processAt().take().release();
    expect(processAt({ pid: 2 }).take).not.toThrow();
  });

  test("of a process that was killed is taken over at once on the same machine", () => {
    const dead = spawnSync("true").pid;
    leaveLeaseOf("here", dead);
    expect(processAt({ isAlive: (pid) => pid !== dead }).take).not.toThrow();
  });

  test("of a process that lives on the same machine is left alone", () => {
    leaveLeaseOf("here", 77);
    expect(processAt({ isAlive: (pid) => pid === 77 }).take).toThrow(/Process 77 on here/);
  });

  test("of another machine is taken over only when it has been silent for long", () => {
    leaveLeaseOf("elsewhere", 77);
    const us = processAt({ isAlive: () => false });
    clock += LEASE_STALE_MS;
    expect(us.take).toThrow(/Process 77 on elsewhere/);
    clock += 1;
    expect(us.take).not.toThrow();
  });

  test("of the same process number in a container is taken over after three beats", () => {
    leaveLeaseOf("here", 1);
    const us = processAt({ pid: 1 });
    expect(us.take).toThrow(/Process 1/);
    clock += 15_001;
    expect(us.take).not.toThrow();
  });

  test("of another machine is taken over when its last beat is far in the future: a clock was put back", () => {
    leaveLeaseOf("elsewhere", 77);
    const us = processAt();
    clock -= LEASE_STALE_MS;
    expect(us.take).toThrow(/Process 77 on elsewhere/);
    clock -= 1;
    expect(us.take).not.toThrow();
  });

  test("of this very process is kept until it is given back, however busy the process is", () => {
    const lease = processAt().take();
    clock += 10 * LEASE_STALE_MS;
    expect(processAt().take).toThrow(/Process 1/);
    lease.release();
    expect(processAt().take).not.toThrow();
  });

  test.each([
    ["EPERM", "somebody else's, and alive", true],
    ["ESRCH", "gone", false],
  ])("of a process of which the system says %s: it is %s", (code, _what, isHeld) => {
    const kill = vi.spyOn(process, "kill").mockImplementation(() => {
      throw Object.assign(new Error(`kill ${code}`), { code });
    });
    onTestFinished(() => kill.mockRestore());
    clock = Date.now();
    leaveLeaseOf(hostname(), process.pid + 1);
    expect(isConsumed(processAt().journal)).toBe(isHeld);
  });

  test("stays with whoever beats", () => {
    const lease = processAt({ host: "elsewhere", pid: 7 }).take();
    clock += LEASE_STALE_MS - 1;
    lease.beat();
    clock += LEASE_STALE_MS - 1;
    expect(processAt().take).toThrow(/Process 7/);
  });

  test("that was taken over is noticed by its former holder before it consumes anything", () => {
    const first = processAt({ host: "asleep", pid: 7 });
    const lease = first.take();
    // The machine slept, and its process with it: in the file it looks dead.
    first.journal.db.exec("update lease set token = 'somebody else', host = 'awake', pid = 9");
    expect(() => lease.beat()).toThrow(/Process 9 on awake/);
    expect(() => lease.assertHeld()).toThrow(JournalError);
    lease.release();
    expect(processAt({ isAlive: () => true }).take).toThrow(/Process 9 on awake/);
  });

  test("does not keep readers out", () => {
    processAt().take();
    expect(processAt().journal.db.prepare("select count(*) as n from inbox").get()).toEqual({
      n: 0,
    });
  });
});
