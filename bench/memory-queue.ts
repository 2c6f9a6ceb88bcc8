// Owns the shortest queue that the host's monitor works with: rows in a map, nothing on disk.
import type { ChannelIngressQueue } from "openclaw/plugin-sdk/channel-outbound";

type Queue = ChannelIngressQueue<unknown>;
type Claimed = NonNullable<Awaited<ReturnType<Queue["claimNext"]>>>;
type Pending = Omit<Claimed, "claim">;

export function createMemoryQueue(): Queue {
  const pending = new Map<string, Pending>();
  const claimed = new Map<string, Claimed>();
  const claim = (id: string, ownerId = ""): Claimed | null => {
    const row = pending.get(id);
    if (row === undefined) return null;
    pending.delete(id);
    const taken = { ...row, claim: { token: id, ownerId, claimedAt: Date.now() } };
    claimed.set(id, taken);
    return taken;
  };
  return {
    async enqueue(id, payload, { laneKey } = {}) {
      const now = Date.now();
      const record = {
        id,
        payload,
        channelId: "bench",
        accountId: "bench",
        queueName: "bench",
        receivedAt: now,
        updatedAt: now,
        attempts: 0,
        ...(laneKey === undefined ? {} : { laneKey }),
      };
      pending.set(id, record);
      return { kind: "accepted", duplicate: false, record };
    },
    listPending: async () => [...pending.values()],
    listClaims: async () => [...claimed.values()],
    async claimNext({ candidateIds = pending.keys(), blockedLaneKeys = [], ownerId } = {}) {
      const blocked = new Set(blockedLaneKeys);
      for (const id of candidateIds) {
        if (!blocked.has(pending.get(id)?.laneKey ?? "")) return claim(id, ownerId);
      }
      return null;
    },
    claim: async (id, { ownerId } = {}) => claim(id, ownerId),
    complete: async (ref) => claimed.delete(idOf(ref)),
    async release(ref) {
      const row = claimed.get(idOf(ref));
      if (row === undefined) return false;
      claimed.delete(row.id);
      pending.set(row.id, row);
      return true;
    },
    fail: async (ref) => claimed.delete(idOf(ref)),
    delete: async (ref) => pending.delete(idOf(ref)),
    recoverStaleClaims: async () => 0,
    prune: async () => 0,
  };
}

function idOf(ref: string | { id: string }): string {
  return typeof ref === "string" ? ref : ref.id;
}
