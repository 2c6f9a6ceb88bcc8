// Owns ways to kill a running account from outside that take more than one switch of the emulator.
import { hostname } from "node:os";
import { z } from "zod";
import { openJournal } from "../../src/journal/journal.ts";
import { LEASE_BEAT_MS, takeLease } from "../../src/journal/lease.ts";
import type { GotifySide } from "./gotify-side.ts";

const Rotated = z.object({ regenerateToken: z.object({ token: z.string() }) });

/** Revokes the token of the agent's application as its owner does, and returns the new one. Only Gotify 3 can. */
export async function rotateAppToken({ url, bot }: GotifySide): Promise<string> {
  const response = await fetch(`${url}/application/${bot.id}/security`, {
    method: "PUT",
    headers: {
      Authorization: `Basic ${Buffer.from("admin:admin").toString("base64")}`,
      "Content-Type": "application/json",
    },
    body: JSON.stringify({ regenerateToken: true }),
  });
  return Rotated.parse(await response.json()).regenerateToken.token;
}

/**
 * Becomes the consumer of the account's journal as a Gateway does that runs in a container of its own on the same
 * files: it sees no process with the holder's number. Holds until the function that it returns is called.
 */
export function robLease(folder: string): () => void {
  const { journal } = openJournal(folder);
  const world = { now: Date.now, host: hostname(), pid: process.pid, isAlive: () => false };
  const lease = takeLease(journal, world);
  const beating = setInterval(lease.beat, LEASE_BEAT_MS);
  return () => {
    if (!journal.db.isOpen) return;
    clearInterval(beating);
    lease.release();
    journal.close();
  };
}
