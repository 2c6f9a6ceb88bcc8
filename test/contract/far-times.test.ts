// Owns the facts about moments that are too far away for the server's arithmetic, on Gotify 3.
import { expect, test } from "vitest";
import { asList, asNumber, asObject, asString, type Reply } from "./call.ts";
import { contract } from "./suite.ts";

/** In nanoseconds it is one more than 64 bits hold: so, no time at all. */
const FULL_CIRCLE = "9223372036854775808";
const NS_PER_S = 1_000_000_000n;

/** What the server reckons with. */
function wrapped(seconds: string): number {
  return Number(BigInt.asIntN(64, BigInt(seconds) * NS_PER_S)) / 1e6;
}

contract("times far away", (site) => {
  const listed = async (id: number): Promise<Readonly<Record<string, unknown>> | undefined> => {
    const reply = await site.call("GET", "/client", { as: site.admin });
    expect(reply.status).toBe(200);
    return asList(reply.json).find((client) => client["id"] === id);
  };

  test("an elevation for ever is over at once, and clients can still be listed", async (context) => {
    site.needVersion(context, 3);
    const { id } = await site.client();
    const elevate = (seconds: string): Promise<Reply> =>
      site.call("POST", `/client/${id}/elevate`, {
        as: site.admin,
        jsonText: `{"durationSeconds":${seconds}}`,
      });
    expect((await elevate("9223372036854775807")).status).toBe(204);
    expect(await listed(id)).not.toHaveProperty("elevatedUntil");
    const seconds = "99999999999";
    expect((await elevate(seconds)).status).toBe(204);
    const until = Date.parse(asString((await listed(id))?.["elevatedUntil"]));
    expect(Math.abs(until - Date.now() - wrapped(seconds))).toBeLessThan(60_000);
  });

  test("an expiry beyond 292 years is another one, before or after now", async (context) => {
    site.needVersion(context, 3);
    context.skip(site.database !== "sqlite3", "others have no room for such numbers");
    const make = async (seconds: string): Promise<Readonly<Record<string, unknown>>> => {
      const jsonText = `{"name":"far","expiresAfterInactivitySeconds":${seconds}}`;
      const reply = await site.call("POST", "/client", { as: site.admin, jsonText });
      expect(reply.text).toContain(`"expiresAfterInactivitySeconds":${seconds},`);
      const made = asObject(reply.json);
      site.onCleanUp(() =>
        site.call("DELETE", `/client/${asNumber(made["id"])}`, { as: site.admin }),
      );
      return made;
    };
    for (const seconds of ["9007199254740993", "99999999999"]) {
      const { id, createdAt, expiresAt } = await make(seconds);
      const apart = Date.parse(asString(expiresAt)) - Date.parse(asString(createdAt));
      expect(Math.abs(apart - wrapped(seconds))).toBeLessThan(10);
      expect(await listed(asNumber(id))).toMatchObject({ expiresAt });
    }
    for (const seconds of [FULL_CIRCLE, "18446744073709551615"]) {
      const { id, token } = await make(seconds);
      const used = await site.call("GET", "/current/user", { as: { token: asString(token) } });
      expect(used.status).toBe(401);
      expect(await listed(asNumber(id))).toBeUndefined();
    }
  });
});
