// Owns the facts about a database that hangs, goes away and comes back under a running server.
import { setTimeout as delay } from "node:timers/promises";
import { expect, test, type TestContext } from "vitest";
import { asObject, unauthorized, type Reply } from "./call.ts";
import type { Outage } from "./outage.ts";
import { contract, type Site } from "./suite.ts";

const HANGS_MS = 700;
const RETURN_TIMEOUT_MS = 20_000;

/** Switched on with the id of its process, for it also stops whatever else uses that database. */
function outageOf({ target }: Site, { skip }: TestContext): Outage {
  if (target.outage !== undefined) return target.outage;
  return skip("needs CONTRACT_DATABASE_PID and the database for itself");
}

contract("a database out of reach", (site) => {
  test("frozen: whatever asks it hangs, and is answered well when it thaws; streams live on", async (context) => {
    const outage = outageOf(site, context);
    const application = await site.application();
    const client = await site.client();
    const stream = await site.stream({ as: client });
    site.onCleanUp(async () => outage.thaw());
    outage.freeze();
    let settled = 0;
    const hanging = [
      site.call("GET", "/health"),
      site.call("GET", "/message", { as: client }),
      site.call("GET", "/current/user", { as: site.admin }),
      site.call("GET", "/current/user", { as: { token: "Cwrong" } }),
      site.call("POST", "/message", { as: application, json: { message: "late" } }),
    ].map(async (call) => {
      const reply = await call;
      settled += 1;
      return reply;
    });
    expect((await site.call("GET", "/version")).status).toBe(200);
    expect((await site.call("GET", "/message")).status).toBe(401);
    await stream.roundTrip();
    await delay(HANGS_MS);
    expect(settled).toBe(0);

    outage.thaw();
    const replies = await Promise.all(hanging);
    expect(replies.map(({ status }) => status)).toEqual([200, 200, 200, 401, 200]);
    const [, , , , posted] = replies;
    expect(await stream.frameOf(Number(asObject(posted?.json)["id"]))).toContain("late");
  });

  test(
    "down: 500 for good and wrong credentials alike, and all is well soon after it is back, streams too",
    { timeout: 60_000 },
    async (context) => {
      const outage = outageOf(site, context);
      const application = await site.application();
      const client = await site.client();
      const stream = await site.stream({ as: client });
      await outage.stop();
      try {
        const health = await site.call("GET", "/health");
        expect([health.status, health.text]).toEqual([500, '{"health":"orange","database":"red"}']);
        for (const as of [client, site.admin, { token: "Cwrong" }]) {
          const reply = await site.call("GET", "/current/user", { as });
          expect(reply.status).toBe(500);
          const text = asObject(reply.json)["errorDescription"];
          // Gotify 3 lets the driver speak, address and all.
          expect(text).toMatch(
            site.choose(
              /^an error occurred while authenticating user$/,
              /127\.0\.0\.1|192\.0\.2\.10/,
            ),
          );
        }
        const post = await site.call("POST", "/message", {
          as: application,
          json: { message: "lost" },
        });
        expect(post.status).toBe(500);
        expect((await site.call("GET", "/current/user")).text).toBe(unauthorized);
        await stream.roundTrip();
      } finally {
        await outage.start();
      }
      const statuses = await untilGood(() => site.call("GET", "/current/user", { as: client }));
      expect(statuses.slice(0, -1).every((status) => status === 500)).toBe(true);
      const { id } = await site.post(application, { message: "after" });
      expect(await stream.frameOf(id)).toContain("after");
      expect(stream.ids()).toEqual([id]);
    },
  );
});

async function untilGood(ask: () => Promise<Reply>): Promise<readonly number[]> {
  const deadline = Date.now() + RETURN_TIMEOUT_MS;
  const statuses: number[] = [];
  while (statuses.at(-1) !== 200) {
    if (Date.now() > deadline) throw new Error(`not back: ${statuses.join(" ")}`);
    statuses.push((await ask()).status);
    await delay(50);
  }
  return statuses;
}
