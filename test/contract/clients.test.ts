// Owns the facts about clients: creating, listing, renaming, elevating, expiring, deleting.
import { describe, expect, test } from "vitest";
import { asList, asNumber, asObject, badRequest, notElevated, notFound } from "./call.ts";
import { anyInstant, anyNumber, textLike } from "./like.ts";
import { contract, type OwnedToken, type Site } from "./suite.ts";

async function listed(site: Site, client: OwnedToken): Promise<unknown> {
  const reply = await site.call("GET", "/client", { as: site.admin });
  return asList(reply.json).find(({ id }) => id === client.id);
}

contract("clients", (site) => {
  test("a new one needs but a name, and its answer has these members", async () => {
    const reply = await site.call("POST", "/client", {
      as: site.admin,
      json: { name: "contract: least" },
    });
    const made = asObject(reply.json);
    site.onCleanUp(() =>
      site.call("DELETE", `/client/${asNumber(made["id"])}`, { as: site.admin }),
    );
    const onV2 = {
      id: anyNumber,
      token: textLike(/./),
      name: "contract: least",
      lastUsed: null,
    };
    const onV3 = { ...onV2, createdAt: anyInstant, expiresAfterInactivitySeconds: 0 };
    expect(made).toEqual(site.choose<object>(onV2, onV3));
  });

  test("a client token creates another one, also without elevation", async () => {
    const made = await site.client({}, await site.client());
    const reply = await site.call("GET", "/current/user", { as: made });
    expect(reply.status).toBe(200);
  });

  test("a name is required", async () => {
    const reply = await site.call("POST", "/client", { as: site.admin, json: {} });
    expect([reply.status, reply.text]).toEqual([400, badRequest("Field 'name' is required")]);
  });

  test("lastUsed is null until the token is used", async () => {
    const client = await site.client();
    expect(await listed(site, client)).toMatchObject({ lastUsed: null });
    await site.call("GET", "/current/user", { as: client });
    expect(await listed(site, client)).toMatchObject({ lastUsed: anyInstant });
  });

  test("renaming keeps the expiry when it is left out", async () => {
    const client = await site.client({ expiresAfterInactivitySeconds: 3600 });
    const reply = await site.call("PUT", `/client/${client.id}`, {
      as: site.admin,
      json: { name: "contract: renamed" },
    });
    const expiry = { expiresAfterInactivitySeconds: 3600, expiresAt: anyInstant };
    expect(reply.json).toMatchObject({
      id: client.id,
      name: "contract: renamed",
      ...site.choose<object>({}, expiry),
    });
  });

  test("an unknown client is a 404", async () => {
    const json = { name: "x" };
    const change = await site.call("PUT", "/client/4000000000", { as: site.admin, json });
    const deletion = await site.call("DELETE", "/client/4000000000", { as: site.admin });
    const reason = notFound("client with id 4000000000 doesn't exists");
    expect([change.text, deletion.text]).toEqual([reason, reason]);
  });

  test("a plain client token deletes a client on v2, itself too; v3 wants an elevated session", async () => {
    const client = await site.client();
    const reply = await site.call("DELETE", `/client/${client.id}`, { as: client });
    expect([reply.status, reply.text]).toEqual(site.choose([200, ""], [403, notElevated]));
    const after = await site.call("GET", "/current/user", { as: client });
    expect(after.status).toBe(site.choose(401, 200));
  });

  describe("elevation", () => {
    test("by name and password, an empty 204, lets a token delete until it is over", async (context) => {
      site.needVersion(context, 3);
      const client = await site.client();
      const [first, second] = [await site.application(), await site.application()];
      const elevate = (durationSeconds: number) =>
        site.call("POST", `/client/${client.id}/elevate`, {
          as: site.admin,
          json: { durationSeconds },
        });

      const elevated = await elevate(60);
      expect([elevated.status, elevated.text]).toEqual([204, ""]);
      const whoAmI = await site.call("GET", "/current/user", { as: client });
      expect(whoAmI.json).toMatchObject({ elevatedUntil: anyInstant });
      expect(await listed(site, client)).toMatchObject({ elevatedUntil: anyInstant });
      const deletion = await site.call("DELETE", `/application/${first.id}`, { as: client });
      expect(deletion.status).toBe(200);

      // An end in the past is as good as waiting for one.
      await elevate(-1);
      const late = await site.call("DELETE", `/application/${second.id}`, { as: client });
      expect([late.status, late.text]).toEqual([403, notElevated]);
      expect(await listed(site, client)).not.toHaveProperty("elevatedUntil");
    });

    test("a token does not elevate itself, and an elevated one elevates others", async (context) => {
      site.needVersion(context, 3);
      const client = await site.client();
      const other = await site.client();
      const json = { durationSeconds: 60 };
      const itself = await site.call("POST", `/client/${client.id}/elevate`, { as: client, json });
      expect([itself.status, itself.text]).toEqual([403, notElevated]);
      await site.call("POST", `/client/${client.id}/elevate`, { as: site.admin, json });
      const next = await site.call("POST", `/client/${other.id}/elevate`, { as: client, json });
      expect(next.status).toBe(204);
    });

    test("needs a duration that is not zero, and a client that is there", async (context) => {
      site.needVersion(context, 3);
      const { id } = await site.client();
      const ask = async (path: string, json: unknown): Promise<string> =>
        (await site.call("POST", `/client/${path}/elevate`, { as: site.admin, json })).text;
      const required = badRequest("Field 'durationSeconds' is required");
      expect(await ask(`${id}`, {})).toBe(required);
      expect(await ask(`${id}`, { durationSeconds: 0 })).toBe(required);
      expect(await ask("4000000000", {})).toBe(required);
      expect(await ask("4000000000", { durationSeconds: 1 })).toBe(notFound("client not found"));
    });

    test("does not exist on v2", async (context) => {
      site.needVersion(context, 2);
      const { id } = await site.client();
      const json = { durationSeconds: 60 };
      const reply = await site.call("POST", `/client/${id}/elevate`, { as: site.admin, json });
      expect([reply.status, reply.text]).toEqual([404, notFound("page not found")]);
    });
  });

  describe("expiry", () => {
    test("v3 gives back the seconds and the moment, counted from the last use; v2 knows neither", async () => {
      const client = await site.client({ expiresAfterInactivitySeconds: 3600 });
      const onV3 = { expiresAfterInactivitySeconds: 3600, expiresAt: anyInstant };
      expect(await listed(site, client)).toMatchObject(site.choose<object>({}, onV3));
      const members = Object.keys(asObject(await listed(site, client)));
      expect(members.includes("expiresAt")).toBe(site.choose(false, true));
    });

    test("an expired token is a 401 like any unknown one", async (context) => {
      site.needVersion(context, 3);
      const client = await site.client({ expiresAfterInactivitySeconds: 1 });
      const status = async (): Promise<number> =>
        (await site.call("GET", "/current/user", { as: client })).status;
      expect(await status()).toBe(200);
      // Its use is noted every five minutes only, so asking does not keep it alive.
      await expect.poll(status, { timeout: 5000, interval: 100 }).toBe(401);
      expect(await listed(site, client)).toBeUndefined();
    });

    test("a negative number of seconds is a 400 on v3; v2 ignores the member", async () => {
      const json = { name: "contract: negative", expiresAfterInactivitySeconds: -1 };
      const reply = await site.call("POST", "/client", { as: site.admin, json });
      const { id } = asObject(reply.json);
      site.onCleanUp(async () => {
        if (typeof id === "number") await site.call("DELETE", `/client/${id}`, { as: site.admin });
      });
      expect(reply.status).toBe(site.choose(200, 400));
    });
  });
});
