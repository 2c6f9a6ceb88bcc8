// Owns what is noted of the turns in which rows are handed to the agent: which belong together, and under which row the host knows them.
import { randomUUID } from "node:crypto";
import { asString } from "../gotify/parse.ts";
import type { Journal } from "./journal.ts";

export interface Turns {
  /**
   * Writes down that claimed rows are being handed to the agent, as one turn. Whoever completes one of
   * them completes all, in one transaction: one by one, a crash in the middle would have the rest
   * answered again. And only what was handed over is charged when the process dies.
   */
  readonly joinTurn: (ids: readonly string[]) => void;
  /** Writes down under which row the host will know a turn: the newest. Outlives claim and process. */
  readonly noteHandedIn: (ids: readonly string[]) => void;
  /** The row under which the host knows the turn that this row was last handed over in, if it ever was. */
  readonly handedIn: (id: string) => string | undefined;
}

export function createTurns(journal: Journal): Turns {
  return {
    joinTurn(ids) {
      journal
        .sql(
          // What an earlier attempt was handed over for says nothing of what becomes of this one.
          `update inbox set turn = $turn, delete_at = null
           where +state = 'claimed' and id in (select value from json_each($ids))`,
        )
        .run({ turn: randomUUID(), ids: JSON.stringify(ids) });
    },

    noteHandedIn(ids) {
      journal
        .sql(
          `update inbox set handed_in = $newest
           where +state = 'claimed' and id in (select value from json_each($ids))`,
        )
        .run({ newest: ids.at(-1) ?? null, ids: JSON.stringify(ids) });
    },

    handedIn(id) {
      const row = journal.sql("select handed_in from inbox where id = $id").get({ id });
      return asString(row?.["handed_in"]);
    },
  };
}
