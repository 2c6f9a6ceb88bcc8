// Owns process death: a journal whose process dies right after a given write, leaving exactly what was on disk then.
import { copyFileSync, existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { openJournal, type Journal } from "../../src/journal/journal.ts";

const FILES = ["journal.sqlite", "journal.sqlite-wal"];

export interface MortalJournal {
  readonly journal: Journal;
  readonly isDead: () => boolean;
  /** Resolves when the process has died. */
  readonly death: Promise<void>;
  /** Dies after so many writes from now on. */
  readonly dieAfter: (writes: number) => void;
  /** Something else has been written, elsewhere: a moment like any other to die after. */
  readonly countWrite: () => void;
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

  const counted = <T>(work: () => T): T => {
    assertAlive();
    const isOuter = !inner.db.isTransaction;
    const result = work();
    if (isOuter) written();
    return result;
  };
  const journal: Journal = {
    file: inner.file,
    db: inner.db,
    transaction: (work) => counted(() => inner.transaction(work)),
    durably: (work) => counted(() => inner.durably(work)),
    sql(text) {
      assertAlive();
      const { get, all, run } = inner.sql(text);
      return { get, all, run: (values) => counted(() => run(values)) };
    },
    close: () => inner.close(),
  };

  return {
    journal,
    isDead: () => isDead,
    death,
    dieAfter(writes) {
      left = writes;
    },
    countWrite: written,
    close: () => inner.close(),
  };
}
