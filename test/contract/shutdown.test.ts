// Owns the facts about a server that goes away, each with a server of its own to stop.
import { describe, expect, test } from "vitest";
import { Site } from "./suite.ts";
import { planTargets } from "./target.ts";

for (const plan of planTargets()) {
  describe(`shutdown (${plan.label})`, () => {
    test("streams end without a close frame: 1006, as if the network had failed", async ({
      skip,
    }) => {
      skip(plan.kind === "url", "not ours to stop");
      const site = new Site(plan);
      site.enter(await plan.start());
      let isStopped = false;
      try {
        const stream = await site.handshake({ as: site.admin });
        await stream.roundTrip();
        await site.leave();
        isStopped = true;
        expect(await stream.untilClosed()).toEqual({ code: 1006, reason: "" });
      } finally {
        if (!isStopped) await site.leave();
      }
    });
  });
}
