// Owns process death: a journal whose process dies right after a given write, leaving exactly what was on disk then.
import { copyFileSync, existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { openJournal, type Journal } from "../../src/inbound/journal.ts";

const FILES = ["journal.sqlite", "journal.sqlite-wal"];

export interface MortalJournal {
  readonly journal: Journal;
  readonly isDead: () => boolean;
  /** Resolves when the process has died. */
  readonly death: Promise<void>;
  /** Dies after so many writes from now on. */
  readonly dieAfter: (writes: number) => void;
  /** Dies now, between two writes. */
  readonly die: () => void;
  readonly close: () => void;
}

/**
 * Opens the journal in `folder`. What is on disk at the moment of death is copied to `legacy`, where the
 * next process finds it; whatever the dead one still tries fails.
 */
export function openMortalJournal(folder: string, legacy: string): MortalJournal {
  mkdirSync(folder, { recursive: true });
  const { journal: inner } = openJournal(folder);
  // Whether the disk has it is for the power cut, which kills nothing here: what was written is copied.
  inner.db.exec("pragma synchronous = off");
  watchAdoptions(inner.db);
  const { promise: death, resolve } = Promise.withResolvers<void>();
  let isDead = false;
  let left = Number.POSITIVE_INFINITY;

  const die = (): void => {
    if (isDead) return;
    mkdirSync(legacy, { recursive: true });
    for (const name of FILES) {
      if (existsSync(join(folder, name))) copyFileSync(join(folder, name), join(legacy, name));
    }
    // Nobody beats for it any more; the real takeover has tests of its own.
    const copy = new DatabaseSync(join(legacy, "journal.sqlite"));
    copy.exec("delete from lease");
    copy.close();
    isDead = true;
    resolve();
  };
  const written = (): void => {
    left -= 1;
    if (left <= 0) die();
  };
  const assertAlive = (): void => {
    if (isDead) throw new Error("This process is dead.");
  };

  const journal: Journal = {
    file: inner.file,
    db: inner.db,
    transaction(work) {
      assertAlive();
      if (inner.db.isTransaction) return work();
      const result = inner.transaction(work);
      written();
      return result;
    },
    sql(text) {
      assertAlive();
      return mortal(inner.sql(text));
    },
    close: inner.close,
  };
  function mortal(statement: StatementSync): StatementSync {
    return new Proxy(statement, {
      get(target, key) {
        if (key === "run") {
          return (...values: Parameters<StatementSync["run"]>) => {
            assertAlive();
            const result = target.run(...values);
            if (!inner.db.isTransaction) written();
            return result;
          };
        }
        const value: unknown = Reflect.get(target, key);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
  }

  return {
    journal,
    isDead: () => isDead,
    death,
    dieAfter(writes) {
      left = writes;
    },
    die,
    close: inner.close,
  };
}

/** Counts in the file itself what was handed to the agent, so that a death takes back exactly what it undoes. */
function watchAdoptions(db: DatabaseSync): void {
  db.exec(`
    create table if not exists adoptions (row text not null, body text not null);
    create trigger if not exists adopted after update of state on inbox
      when new.state = 'completed' and old.state != 'completed'
      begin insert into adoptions values (old.id, coalesce(old.payload, '')); end;
  `);
}

/** The rows that were handed to the agent, with their bodies, once for each time. */
export function adoptionsIn(db: DatabaseSync): { row: string; body: string }[] {
  return db
    .prepare("select row, body from adoptions")
    .all()
    .map((found) => ({ row: String(found["row"]), body: String(found["body"]) }));
}
