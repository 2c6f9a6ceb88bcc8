// Owns the facts about a socket that does not read: what it costs a sender, its neighbours, and those who come meanwhile.
import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { asList, asNumber, asObject, type Reply } from "./call.ts";
import type { Listener } from "./listener.ts";
import { contract, type Site } from "./suite.ts";
import { planTargets } from "./target.ts";

/** The system's buffers between server and client take some megabytes before anybody notices. */
const MAX_POSTS = 400;
const TIMEOUT_MS = 60_000;

/** What does not read does not answer pings either; that is not to be the end of it here. */
const PATIENT = { pongGraceMs: 60_000 };

contract("stalled neighbour", facts, planTargets(process.env, PATIENT));

async function isHeldUp(reply: Promise<Reply> | undefined, ms: number): Promise<boolean> {
  const waited = new AbortController();
  const isPending = delay(ms, true, { signal: waited.signal }).catch(() => false);
  const isAnswered = reply?.then(() => false) ?? false;
  const verdict = await Promise.race([isAnswered, isPending]);
  waited.abort();
  return verdict;
}

function facts(site: Site): void {
  test(
    "one post is held up, answered 500 with nothing and stored; neighbours miss its frame and stay open",
    async (context) => {
      context.skip(site.kind === "url", "it stores megabytes and spoils other people's posts");
      const { writeDeadlineMs } = site.target;
      const user = await site.user(context);
      const application = await site.application({}, user);
      const before = await site.stream({ as: user });
      const stalled = await site.stream({ as: user });
      stalled.socket.pause();
      const after = await site.stream({ as: user });
      const message = "x".repeat(site.database.startsWith("mysql") ? 60_000 : 200_000);
      const post = (): Promise<Reply> =>
        site.call("POST", "/message", { as: application, json: { message } });

      const stored: number[] = [];
      let meanwhile: Listener | undefined;
      let meanwhileMs = 0;
      let reply = await post();
      while (reply.status === 200) {
        stored.push(asNumber(asObject(reply.json)["id"]));
        expect(stored.length).toBeLessThan(MAX_POSTS);
        const pending = post();
        if (await isHeldUp(pending, writeDeadlineMs * 0.3)) {
          // The system may still find room, and let it go.
          const openedAt = performance.now();
          meanwhile = await site.stream({ as: user });
          meanwhileMs = performance.now() - openedAt;
        }
        reply = await pending;
      }
      expect([reply.status, reply.text, reply.contentType]).toEqual([500, "", "application/json"]);
      const newest = await site.call("GET", "/message?limit=1", { as: user });
      const [missed = 0] = asList(asObject(newest.json)["messages"]).map(({ id }) => asNumber(id));
      expect(stored).not.toContain(missed);
      // Whoever opened a stream was put on the list when the post was through.
      expect(meanwhileMs).toBeGreaterThan(writeDeadlineMs * 0.2);

      // After that all is well again.
      const { id } = await site.post(application);
      for (const [stream, expected] of [
        [before, [...stored, missed, id]],
        [after, [...stored, id]],
        [meanwhile, [id]],
      ] as const) {
        await stream?.until(() => stream.frames.length >= expected.length);
        expect(stream?.ids()).toEqual(expected);
        expect(stream?.closing).toBeUndefined();
      }
    },
    TIMEOUT_MS,
  );

  test(
    "posts that are held up together fail together, and with them those that only wait for a new stream",
    async (context) => {
      context.skip(site.kind === "url", "it stores megabytes and spoils other people's posts");
      const { writeDeadlineMs } = site.target;
      const user = await site.user(context);
      const application = await site.application({}, user);
      const stalled = await site.stream({ as: user });
      stalled.socket.pause();
      const message = "x".repeat(site.database.startsWith("mysql") ? 60_000 : 200_000);
      const post = (): Promise<Reply> =>
        site.call("POST", "/message", { as: application, json: { message } });

      let statuses: number[] = [200];
      for (let posts = 0; statuses[0] === 200; posts += 1) {
        expect(posts).toBeLessThan(MAX_POSTS);
        const held = [post()];
        if (await isHeldUp(held[0], writeDeadlineMs * 0.25)) {
          held.push(post());
          await isHeldUp(held[1], writeDeadlineMs * 0.1);
          await site.handshake({ as: user });
          // The server answers before it puts the stream on its list; this gives it the time for it.
          await site.call("GET", "/current/user", { as: user });
          held.push(post());
        }
        statuses = (await Promise.all(held)).map(({ status }) => status);
      }
      // The new stream is put on the list first, then the third post meets the dead one, which is taken off last.
      expect(statuses).toEqual([500, 500, 500]);
      expect((await post()).status).toBe(200);
    },
    TIMEOUT_MS,
  );
}
