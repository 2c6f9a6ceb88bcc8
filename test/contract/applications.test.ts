// Owns the facts about applications: creating, listing, changing, rotating a token, deleting.
import { describe, expect, test } from "vitest";
import {
  asList,
  asNumber,
  asObject,
  asString,
  badRequest,
  notElevated,
  notFound,
  unauthorized,
} from "./call.ts";
import { anyInstant, anyNumber, textLike } from "./like.ts";
import { contract } from "./suite.ts";

contract("applications", (site) => {
  test("a new one needs but a name, and its answer has these members in this order", async () => {
    const { id } = await site.application();
    const reply = await site.call("POST", "/application", {
      as: site.admin,
      json: { name: "contract: least" },
    });
    const made = asObject(reply.json);
    site.onCleanUp(() =>
      site.call("DELETE", `/application/${asNumber(made["id"])}`, { as: site.admin }),
    );
    const onV2 = {
      id: anyNumber,
      token: textLike(/./),
      name: "contract: least",
      description: "",
      internal: false,
      image: "static/defaultapp.png",
      defaultPriority: 0,
      lastUsed: null,
      sortKey: textLike(/./),
    };
    expect(made).toEqual(site.choose<object>(onV2, { ...onV2, createdAt: anyInstant }));
    expect(made["id"]).toBeGreaterThan(id);
    const order = ["id", "token", "name", "description", "internal", "image", "defaultPriority"];
    const rest = site.choose(["lastUsed", "sortKey"], ["createdAt", "lastUsed", "sortKey"]);
    expect(Object.keys(made)).toEqual([...order, ...rest]);
  });

  test("a client token creates one, also without elevation; an application token does not", async () => {
    const client = await site.client();
    const made = await site.application({ defaultPriority: 5 }, client);
    expect(made.id).toBeGreaterThan(0);
    const reply = await site.call("POST", "/application", { as: made, json: { name: "x" } });
    expect([reply.status, reply.text]).toEqual([401, unauthorized]);
  });

  test("names are not unique", async () => {
    const one = await site.application({ name: "contract: twin" });
    const other = await site.application({ name: "contract: twin" });
    expect(one.id).not.toBe(other.id);
  });

  test("lists are in the order of creation", async () => {
    const made = [await site.application(), await site.application(), await site.application()];
    const ids = made.map(({ id }) => id);
    const listed = asList((await site.call("GET", "/application", { as: site.admin })).json);
    expect(listed.map(({ id }) => id).filter((id) => ids.includes(asNumber(id)))).toEqual(ids);
  });

  test("a user without applications or clients has empty lists", async (context) => {
    const user = await site.user(context);
    const applications = await site.call("GET", "/application", { as: user });
    const clients = await site.call("GET", "/client", { as: user });
    expect([applications.text, clients.text]).toEqual(["[]", "[]"]);
  });

  test("there is no reading of one application by its id", async () => {
    const { id } = await site.application();
    const reply = await site.call("GET", `/application/${id}`, { as: site.admin });
    expect([reply.status, reply.text]).toEqual([404, notFound("page not found")]);
  });

  test("lastUsed is null until the token is used", async () => {
    const application = await site.application();
    const lastUsed = async (): Promise<unknown> => {
      const reply = await site.call("GET", "/application", { as: site.admin });
      return asList(reply.json).find(({ id }) => id === application.id)?.["lastUsed"];
    };
    expect(await lastUsed()).toBeNull();
    await site.post(application);
    expect(await lastUsed()).toEqual(anyInstant);
  });

  test("a change replaces everything: what is left out is emptied, except the place in the list", async () => {
    const application = await site.application({ description: "d", defaultPriority: 7 });
    const before = asList((await site.call("GET", "/application", { as: site.admin })).json).find(
      ({ id }) => id === application.id,
    );
    const reply = await site.call("PUT", `/application/${application.id}`, {
      as: await site.client(),
      json: { name: "contract: renamed" },
    });
    expect(reply.json).toMatchObject({
      id: application.id,
      name: "contract: renamed",
      description: "",
      defaultPriority: 0,
      sortKey: before?.["sortKey"],
    });
    const posted = await site.post(application);
    expect(posted.json).toMatchObject({ title: "contract: renamed", priority: 0 });
  });

  test("two applications cannot have one sort key", async () => {
    const one = await site.application();
    const listed = asList((await site.call("GET", "/application", { as: site.admin })).json);
    const sortKey = listed.find(({ id }) => id === one.id)?.["sortKey"];
    const reply = await site.call("POST", "/application", {
      as: site.admin,
      json: { name: "x", sortKey },
    });
    expect([reply.status, reply.text]).toEqual([400, badRequest("sort key is not unique")]);
  });

  test("a sort key that is none is taken, and from then on no application is created without one", async (context) => {
    const user = await site.user(context);
    await site.application({ sortKey: "zzz!" }, user);
    const reply = await site.call("POST", "/application", { as: user, json: { name: "x" } });
    expect(reply.status).toBe(500);
    expect(reply.json).toMatchObject({ errorDescription: "invalid order key: zzz!" });
  });

  describe("refusals", () => {
    const cases: ReadonlyArray<readonly [body: string, reason: string]> = [
      ["", "EOF"],
      ["{}", "Field 'name' is required"],
      ['{"name":""}', "Field 'name' is required"],
      [
        '{"name":5}',
        "json: cannot unmarshal number into Go struct field ApplicationParams.name of type string",
      ],
      [
        '{"name":"x","defaultPriority":1.5}',
        "json: cannot unmarshal number 1.5 into Go struct field ApplicationParams.defaultPriority of type int",
      ],
      ["[]", "json: cannot unmarshal array into Go value of type api.ApplicationParams"],
    ];

    test.for(cases)("%j is a 400 that says why", async ([jsonText, reason]) => {
      const reply = await site.call("POST", "/application", { as: site.admin, jsonText });
      expect([reply.status, reply.text]).toEqual([400, badRequest(reason)]);
    });

    test("an unknown application is a 404 before its new values are looked at", async () => {
      const json = {};
      const change = await site.call("PUT", "/application/4000000000", { as: site.admin, json });
      const deletion = await site.call("DELETE", "/application/4000000000", { as: site.admin });
      const reason = notFound("app with id 4000000000 doesn't exists");
      expect([change.text, deletion.text]).toEqual([reason, reason]);
    });
  });

  describe("elevation", () => {
    test("a plain client token deletes an application on v2; v3 wants an elevated session", async () => {
      const client = await site.client();
      const { id } = await site.application();
      const reply = await site.call("DELETE", `/application/${id}`, { as: client });
      expect([reply.status, reply.text]).toEqual(site.choose([200, ""], [403, notElevated]));
    });

    test("elevation is asked for before the id is looked at", async () => {
      const client = await site.client();
      const reply = await site.call("DELETE", "/application/4000000000", { as: client });
      expect(reply.status).toBe(site.choose(404, 403));
    });

    test("name and password always count as elevated", async () => {
      const { id } = await site.application();
      const reply = await site.call("DELETE", `/application/${id}`, { as: site.admin });
      expect([reply.status, reply.text]).toEqual([200, ""]);
    });
  });

  describe("a new token", () => {
    test("is given out by /security on v3 with an elevated session, and the old one is dead", async (context) => {
      site.needVersion(context, 3);
      const application = await site.application();
      const path = `/application/${application.id}/security`;
      const json = { regenerateToken: true };
      const refused = await site.call("PUT", path, { as: await site.client(), json });
      expect([refused.status, refused.text]).toEqual([403, notElevated]);

      const rotated = await site.call("PUT", path, { as: site.admin, json });
      const token = asString(asObject(asObject(rotated.json)["regenerateToken"])["token"]);
      expect(token).toMatch(/^gtfya\.[\w-]{43}$/);
      const tried = [{ token }, application].map(async (as) => {
        const reply = await site.call("POST", "/message", { as, json: {} });
        return reply.status;
      });
      expect(await Promise.all(tried)).toEqual([400, 401]);
    });

    test("is not made when it is not asked for", async (context) => {
      site.needVersion(context, 3);
      const application = await site.application();
      const path = `/application/${application.id}/security`;
      const reply = await site.call("PUT", path, { as: site.admin, json: {} });
      expect([reply.status, reply.text]).toEqual([200, "{}"]);
      await site.post(application);
    });

    test("cannot be had on v2", async (context) => {
      site.needVersion(context, 2);
      const { id } = await site.application();
      const reply = await site.call("PUT", `/application/${id}/security`, {
        as: site.admin,
        json: { regenerateToken: true },
      });
      expect([reply.status, reply.text]).toEqual([404, notFound("page not found")]);
    });
  });
});
