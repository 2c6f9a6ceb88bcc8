// Owns the list that the host asks for before each claim: of each lane what could be handed out next, and not the thousand behind it.
import { asInteger, asString } from "../gotify/parse.ts";
import type { Journal } from "./journal.ts";

type Row = Readonly<Record<string, unknown>>;

/** All but the body, which is read when somebody looks at it. */
export const COLUMNS = `id, state, lane, metadata, received_at, updated_at, attempts, attempted_at, last_error,
  claim_token, claim_owner, claimed_at, reason, reason_text, turn, position`;

/** Lanes that are listed at a time: anyone who may post can name conversations without end. */
const MAX_LANES = 500;
/** Rows of a lane that have failed before: the host has to see them to know what waits for its next try. */
const MAX_TRIED = 20;

/**
 * Lists the heads of lanes, in the order of their messages. With very many lanes, others come with each call.
 * Rows that were put in without a lane count as one.
 */
export function createHeads(journal: Journal): (isWanted: (lane: string) => boolean) => Row[] {
  let lastLane = "";

  const lanesAfter = (after: string): string[] =>
    journal
      .sql(
        `with recursive lanes (lane, number) as (
           select min(lane), 1 from inbox where state = 'pending' and lane > $after
           union all
           select (select min(lane) from inbox where state = 'pending' and lane > lanes.lane), number + 1
             from lanes where lanes.lane is not null and number < ${MAX_LANES})
         select lane from lanes where lane is not null`,
      )
      .all({ after })
      .map(({ lane }) => asString(lane) ?? "");

  const someLanes = (): string[] => {
    const found = lanesAfter(lastLane);
    if (found.length < MAX_LANES && lastLane !== "") found.push(...lanesAfter(""));
    const lanes = [...new Set(found)].slice(0, MAX_LANES);
    lastLane = lanes.length < MAX_LANES ? "" : (lanes.at(-1) ?? "");
    return lanes;
  };

  return (isWanted) => {
    const where = "where state = 'pending' and lane is $lane";
    const order = "order by position, received_at, seq";
    const untried = journal.sql(
      `select ${COLUMNS}, seq from inbox ${where} and attempts = 0 ${order} limit 1`,
    );
    const tried = journal.sql(
      // By its own index: by the lanes', SQLite would look through all that waits in the lane.
      `select ${COLUMNS}, seq from inbox indexed by inbox_tried ${where} and attempts > 0 ${order} limit ${MAX_TRIED}`,
    );
    // Where nothing has failed, which is nearly always, half of the questions need not be asked.
    const anyTried = journal
      .sql(
        "select 1 from inbox indexed by inbox_tried where state = 'pending' and attempts > 0 limit 1",
      )
      .get();
    return [null, ...someLanes().filter(isWanted)]
      .flatMap((lane) => [
        ...untried.all({ lane }),
        ...(anyTried === undefined ? [] : tried.all({ lane })),
      ])
      .toSorted(byOrder);
  };
}

function byOrder(a: Row, b: Row): number {
  for (const column of ["position", "received_at", "seq"]) {
    const difference = (asInteger(a[column]) ?? 0) - (asInteger(b[column]) ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
