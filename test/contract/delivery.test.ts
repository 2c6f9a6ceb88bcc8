// Owns the facts about a reply on its way to a server, through a network that spoils posts: how often each is stored.
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test, type TestContext } from "vitest";
import { readStamp } from "../../src/gotify/delivery-stamp.ts";
import { replyOf } from "../../src/outbound/controls/native.ts";
import { sendReply } from "../../src/outbound/send.ts";
import { startFaultyFront, type Spoiling } from "../support/faulty-front.ts";
import { testPosting } from "../support/posting.ts";
import { asList, asObject } from "./call.ts";
import { contract, type Site } from "./suite.ts";
import { planTargets } from "./target.ts";

const TIMEOUT_MS = 60_000;
const MAX_REPLIES = 400;
/** What does not read does not answer pings either; that is not to be the end of it here. */
const PATIENT = { pongGraceMs: 60_000 };

contract("delivery", facts, planTargets(process.env, PATIENT));

/** An account of its own on the server at hand, behind a network that does as it is told. */
async function account(site: Site, context: TestContext) {
  const user = await site.user(context);
  const application = await site.application({ name: "OpenClaw" }, user);
  const reader = await site.client({ name: "OpenClaw" }, user);
  const front = await startFaultyFront(site.target.url);
  const cfg = {
    channels: {
      gotify: {
        serverUrl: front.url,
        appToken: application.token,
        clientToken: reader.token,
        partBytes: 60_000,
      },
    },
  };
  const { posting } = testPosting(Date.now());
  // A real server is waited for; with the emulator, our own clock goes ahead.
  let aheadMs = 0;
  const host = {
    ...posting.host,
    now: () => Date.now() + aheadMs,
    sleep: async (ms: number) => {
      if (site.kind === "emulator") aheadMs += ms;
      else await sleep(ms);
    },
  };
  return {
    user,
    front,
    send: (text: string, id: string) =>
      sendReply(
        {
          cfg,
          to: "app:1",
          reply: replyOf({ text }, { silent: false }),
          deliveryQueueId: id,
        },
        { ...posting, host },
      ),
    /** How often the server has each delivery. */
    stored: async (): Promise<Record<string, number>> => {
      const times: Record<string, number> = {};
      let since: unknown = 0;
      do {
        const { json } = await site.call("GET", `/message?limit=200&since=${String(since)}`, {
          as: user,
        });
        for (const { extras } of asList(asObject(json)["messages"])) {
          const id = readStamp(extras === undefined ? {} : asObject(extras))?.id ?? "";
          times[id] = (times[id] ?? 0) + 1;
        }
        since = asObject(asObject(json)["paging"])["since"];
      } while (since !== 0);
      return times;
    },
  };
}

function facts(site: Site): void {
  describe("a reply whose post is spoiled", () => {
    test.for<[string, Spoiling]>([
      ["the answer is lost", "stored-reset"],
      ["a proxy answers 502 in its place", "stored-502"],
      ["a proxy answers with a page", "html"],
      ["half of the answer arrives", "malformed"],
    ])("after it was stored is found, and stored once: %s", async ([, fault], context) => {
      const { front, send, stored } = await account(site, context);
      front.spoil(fault);
      await send("hello", "d-1");
      expect(await stored()).toEqual({ "d-1": 1 });
      expect(front.spoiled).toEqual([fault]);
    });

    test.for<[string, Spoiling]>([
      ["the connection is lost", "reset"],
      ["a proxy answers 504", 504],
      ["a proxy answers with a page", "html-only"],
    ])("before it was stored is not posted again on a guess: %s", async ([, fault], context) => {
      const { front, send, stored } = await account(site, context);
      front.spoil(fault);
      await expect(send("hello", "d-1")).rejects.toMatchObject({ outcome: "unknown" });
      expect(await stored()).toEqual({});
      expect(front.spoiled).toEqual([fault]);
    });

    test(
      "by a 500 that was not the server's last word is posted again ten seconds later",
      async (context) => {
        const { front, send, stored } = await account(site, context);
        // Gotify 3 shows by a post alone which application a token posts to, and so whether it can be read back.
        await send("hello", "d-0");
        front.spoil(500);
        await send("hello", "d-1");
        expect(await stored()).toEqual({ "d-0": 1, "d-1": 1 });
      },
      TIMEOUT_MS,
    );
  });

  test(
    "replies of which the server stores one and answers 500, as it does when somebody's phone stalls, are stored once each",
    async (context) => {
      context.skip(site.kind === "url", "it stores megabytes and spoils other people's posts");
      const { user, front, send, stored } = await account(site, context);
      const stalled = await site.stream({ as: user });
      stalled.socket.pause();
      const sent: Record<string, number> = {};
      for (let index = 0; !front.said.includes(500); index += 1) {
        expect(index).toBeLessThan(MAX_REPLIES);
        await send("x ".repeat(29_000), `d-${index}`);
        sent[`d-${index}`] = 1;
      }
      expect(await stored()).toEqual(sent);
    },
    TIMEOUT_MS,
  );
}
