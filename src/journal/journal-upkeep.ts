// Owns what keeps the queue in order over time: claims of dead processes are freed, old tombstones forgotten.
import type { SQLInputValue } from "node:sqlite";
import type {
  ChannelIngressQueue,
  ChannelIngressQueueClaim,
} from "openclaw/plugin-sdk/channel-outbound";
import type { Journal } from "./journal.ts";

type Values = Readonly<Record<string, SQLInputValue>>;
type Upkeep = Pick<ChannelIngressQueue<unknown>, "recoverStaleClaims" | "prune">;

export function createUpkeep(options: {
  readonly journal: Journal;
  readonly claims: () => ChannelIngressQueueClaim<unknown>[];
  readonly now: () => number;
}): Upkeep {
  const { journal, claims, now } = options;
  return {
    async recoverStaleClaims(wanted = {}) {
      const at = wanted.now ?? now();
      let recovered = 0;
      for (const claim of claims()) {
        const isStale = at - claim.claim.claimedAt >= (wanted.staleMs ?? 0);
        if (!isStale || (await wanted.shouldRecover?.(claim)) === false) continue;
        // Counted where it had been handed over: a message that brings the process down must not be tried
        // for ever, and those that only waited beside it are not to blame.
        // Whoever refreshed the claim in the meantime keeps it.
        const sql = `update inbox set state = 'pending', claim_token = null, claim_owner = null,
            claimed_at = null, attempts = attempts + iif(turn is null, 0, 1),
            attempted_at = iif(turn is null, attempted_at, $at), turn = null, updated_at = $at
          where id = $id and state = 'claimed' and claim_token = $token and claimed_at <= $cutoff`;
        const values = {
          id: claim.id,
          token: claim.claim.token,
          at,
          cutoff: at - (wanted.staleMs ?? 0),
        };
        recovered += journal.sql(sql).run(values).changes;
      }
      return recovered;
    },

    async prune(wanted = {}) {
      const at = wanted.now ?? now();
      const spared = JSON.stringify([...(wanted.protectIds ?? [])]);
      const spare = "id not in (select value from json_each($spared))";
      const bounds = [
        ["pending", wanted.pendingTtlMs, wanted.pendingMaxEntries],
        ["completed", wanted.completedTtlMs, wanted.completedMaxEntries],
        ["failed", wanted.failedTtlMs, wanted.failedMaxEntries],
      ] as const;
      return journal.transaction(() => {
        let pruned = 0;
        for (const [state, ttlMs, maxEntries] of bounds) {
          if (ttlMs !== undefined) {
            pruned += run(`state = $state and updated_at < $before and ${spare}`, {
              state,
              before: at - ttlMs,
              spared,
            });
          }
          if (maxEntries !== undefined) {
            const newest = `select seq from inbox where state = $state
              order by updated_at desc, seq desc limit $keep`;
            pruned += run(`state = $state and seq not in (${newest}) and ${spare}`, {
              state,
              keep: maxEntries,
              spared,
            });
          }
        }
        return pruned;
      });

      function run(where: string, values: Values): number {
        return journal.sql(`delete from inbox where ${where}`).run(values).changes;
      }
    },
  };
}
