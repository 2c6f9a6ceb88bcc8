// Owns the facts about many posts at the same time: nothing is lost or doubled, whatever the order.
import { expect, test } from "vitest";
import { asList, asNumber, asObject, asString } from "./call.ts";
import { contract } from "./suite.ts";

const SENDERS = 16;
const POSTS_EACH = 10;

contract("many posts at the same time", (site) => {
  test("each is answered, stored and streamed once; frames and dates need not be in the order of ids", async (context) => {
    const user = await site.user(context);
    const application = await site.application({}, user);
    const streams = [await site.stream({ as: user }), await site.stream({ as: user })];
    const answered = new Map<number, string>();
    const send = async (sender: number): Promise<void> => {
      for (let at = 0; at < POSTS_EACH; at += 1) {
        const message = `${sender}.${at}`;
        const { id } = await site.post(application, { message });
        answered.set(id, message);
      }
    };
    await Promise.all(Array.from({ length: SENDERS }, (_, sender) => send(sender)));
    const count = SENDERS * POSTS_EACH;
    expect(answered.size).toBe(count);

    const reply = await site.call("GET", "/message?limit=200", { as: user });
    const stored = asList(asObject(reply.json)["messages"]);
    expect(stored.map(({ id }) => asNumber(id))).toEqual(
      [...answered.keys()].toSorted((a, b) => b - a),
    );
    for (const { id, message } of stored) {
      expect(asString(message)).toBe(answered.get(asNumber(id)));
    }
    for (const stream of streams) {
      await stream.until(() => stream.frames.length >= count);
      expect(stream.ids().toSorted((a, b) => a - b)).toEqual(
        [...answered.keys()].toSorted((a, b) => a - b),
      );
    }
  });

  test("applications made at the same time are made, or refused with a 500 by a database with several connections", async (context) => {
    const user = await site.user(context);
    const make = async (): Promise<string> => {
      const reply = await site.call("POST", "/application", { as: user, json: { name: "x" } });
      return reply.status === 200 ? "made" : reply.text;
    };
    const outcomes = await Promise.all(Array.from({ length: 12 }, make));
    const made = outcomes.filter((outcome) => outcome === "made");
    const refusal = {
      sqlite3: /^no such thing$/,
      postgres: /"errorCode":500,.*could not serialize access .*\(SQLSTATE 40001\)/,
      mysql: /"errorCode":500,.*Error 1213 \(40001\): Deadlock found/,
      "mysql-utf8mb3": /"errorCode":500,.*Error 1213 \(40001\): Deadlock found/,
    }[site.database];
    const refused = outcomes.filter((outcome) => refusal.test(outcome));
    expect(made.length).toBeGreaterThan(0);
    expect(made.length + refused.length).toBe(outcomes.length);
    const reply = await site.call("GET", "/application", { as: user });
    const keys = asList(reply.json).map(({ sortKey }) => asString(sortKey));
    expect(new Set(keys).size).toBe(made.length);
    // The next one in peace, which other files' applications may disturb for a moment.
    const { name } = await site.application({ name: "after" }, user);
    expect(name).toBe("after");
  });

  test("posts of one sender after the other are stored and streamed in their order", async (context) => {
    const user = await site.user(context);
    const application = await site.application({}, user);
    const stream = await site.stream({ as: user });
    const ids: number[] = [];
    for (let at = 0; at < 20; at += 1) ids.push((await site.post(application)).id);
    await stream.until(() => stream.frames.length >= ids.length);
    expect(stream.ids()).toEqual(ids.toSorted((a, b) => a - b));
    expect(stream.ids()).toEqual(ids);
  });
});
