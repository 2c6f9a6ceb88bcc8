// Owns the facts about tokens: their forms, probing them without a trace, what lists and changes show of them.
import { expect, test } from "vitest";
import { asList, asObject, asString, badRequest, errorText, unauthorized } from "./call.ts";
import { anyFlag, anyInstant, anyNumber } from "./like.ts";
import { contract } from "./suite.ts";

contract("tokens", (site) => {
  test("tokens are 15 characters on v2 and 49 on v3, and their kind shows in the first ones", async () => {
    const { token: ofApplication } = await site.application();
    const { token: ofClient } = await site.client();
    expect(ofApplication).toMatch(site.choose(/^A[A-Za-z0-9._-]{14}$/, /^gtfya\.[\w-]{43}$/));
    expect(ofClient).toMatch(site.choose(/^C[A-Za-z0-9._-]{14}$/, /^gtfyc\.[\w-]{43}$/));
  });

  test("posting {} probes an application token without a trace: 400 when it is good, 401 when not", async () => {
    const application = await site.application();
    const good = await site.call("POST", "/message", { as: application, json: {} });
    const wrong = await site.call("POST", "/message", { as: { token: "Awrong" }, json: {} });
    expect([good.status, good.text]).toEqual([400, badRequest("Field 'message' is required")]);
    expect([wrong.status, wrong.text]).toEqual([401, unauthorized]);

    const stored = await site.call("GET", `/application/${application.id}/message`, {
      as: site.admin,
    });
    expect(asObject(stored.json)["messages"]).toEqual([]);
  });

  test("that probe says 400 to a client token as well on v3, so it does not tell the kinds apart", async () => {
    const client = await site.client();
    const reply = await site.call("POST", "/message", { as: client, json: {} });
    expect(reply.status).toBe(site.choose(401, 400));
  });

  test("/current/user probes a client token: 200 when it is good, 401 for any other kind", async () => {
    const client = await site.client();
    const application = await site.application();
    const statuses = await Promise.all(
      [client, application, { token: "Cwrong" }].map(
        async (as) => (await site.call("GET", "/current/user", { as })).status,
      ),
    );
    expect(statuses).toEqual([200, 401, 401]);
  });

  test("/current/user says who: on v3 also since when, and through which client", async () => {
    const client = await site.client();
    const byToken = asObject((await site.call("GET", "/current/user", { as: client })).json);
    const byName = asObject((await site.call("GET", "/current/user", { as: site.admin })).json);
    const onV2: object = { id: anyNumber, name: site.admin.name, admin: anyFlag };
    const onV3: object = { ...onV2, createdAt: anyInstant };
    expect(byToken).toEqual(site.choose(onV2, { ...onV3, clientId: client.id }));
    expect(byName).toEqual(site.choose(onV2, onV3));
  });

  test("a client token posts with an appid on v3; on v2 it is a 401", async () => {
    const client = await site.client();
    const { id: appid, name } = await site.application();
    const reply = await site.call("POST", "/message", {
      as: client,
      json: { message: "m", appid },
    });
    expect(reply.status).toBe(site.choose(401, 200));
    expect(reply.json).toMatchObject(site.choose({ errorCode: 401 }, { appid, title: name }));
  });

  test("on v3 a client token needs an appid of its own user's", async (context) => {
    site.needVersion(context, 3);
    const client = await site.client();
    const post = async (appid: unknown): Promise<string> => {
      const json = { message: "m", appid };
      return (await site.call("POST", "/message", { as: client, json })).text;
    };
    const required = badRequest(
      "appid is required when not authenticating with an application token",
    );
    expect(await post(undefined)).toBe(required);
    expect(await post(0)).toBe(required);
    expect(await post(null)).toBe(required);
    expect(await post(2 ** 31 - 1)).toBe(badRequest("appid not found"));
  });

  test("an application token ignores the appid, so naming it does no harm", async () => {
    const application = await site.application();
    const other = await site.application();
    const reply = await site.post(application, { message: "m", appid: other.id });
    expect(reply.json).toMatchObject({ appid: application.id });
  });

  test("lists carry tokens on v2 and leave the member out on v3", async () => {
    const application = await site.application();
    const client = await site.client();
    const applications = asList((await site.call("GET", "/application", { as: client })).json);
    const clients = asList((await site.call("GET", "/client", { as: client })).json);
    const shown = [
      applications.find(({ id }) => id === application.id)?.["token"],
      clients.find(({ id }) => id === client.id)?.["token"],
    ];
    expect(shown).toEqual(site.choose([application.token, client.token], [undefined, undefined]));
    const withToken = [...applications, ...clients].filter((item) => "token" in item);
    expect(withToken.length > 0).toBe(site.choose(true, false));
  });

  test("the token in the answer to a change is the real one on v2, and on v3 a look-alike that opens nothing", async () => {
    const client = await site.client();
    const application = await site.application();
    const changed = await site.call("PUT", `/application/${application.id}`, {
      as: client,
      json: { name: "renamed" },
    });
    const token = asString(asObject(changed.json)["token"]);
    expect(token === application.token).toBe(site.choose(true, false));
    expect(token).toMatch(site.choose(/^A/, /^gtfya\.[\w-]{43}$/));
    const tried = await site.call("POST", "/message", { as: { token }, json: {} });
    expect(tried.status).toBe(site.choose(400, 401));

    const renamed = await site.call("PUT", `/client/${client.id}`, {
      as: client,
      json: { name: "renamed" },
    });
    const clientToken = asString(asObject(renamed.json)["token"]);
    const asked = await site.call("GET", "/current/user", { as: { token: clientToken } });
    expect(asked.status).toBe(site.choose(200, 401));
  });

  test("a token that only looks like v3's gets its own 401 there, and the usual one on v2", async () => {
    const reasons: ReadonlyArray<readonly [string, string]> = [
      ["gtfya.", "private key must be 32 bytes"],
      ["gtfyc.AAAA", "private key must be 32 bytes"],
      ["gtfyc.!!!!", "base64 decode failed: illegal base64 data at input byte 0"],
      ["gtfy", "token must have 2 or 4 fields separated by dots"],
      ["gtfyc.AAAA.1", "token must have 2 or 4 fields separated by dots"],
    ];
    for (const [token, reason] of reasons) {
      const reply = await site.call("GET", "/current/user", { as: { token } });
      const special = errorText(401, "Unauthorized", `cannot parse token: ${reason}`);
      expect([reply.status, reply.text]).toEqual([401, site.choose(unauthorized, special)]);
    }
  });

  test("a well-formed v3 token that nobody has gets the usual 401", async () => {
    const as = { token: `gtfyc.${"A".repeat(43)}` };
    const reply = await site.call("GET", "/current/user", { as });
    expect([reply.status, reply.text]).toEqual([401, unauthorized]);
  });

  test("a signed v3 token with a wrong signature is a 500 there, so a 500 does not clear a token", async () => {
    const as = { token: `gtfyc.${"A".repeat(43)}.1.${"A".repeat(86)}` };
    const reply = await site.call("GET", "/current/user", { as });
    const invalid = errorText(500, "Internal Server Error", "invalid token");
    expect(reply.text).toBe(site.choose(unauthorized, invalid));
  });

  test("tokens of a deleted application and a deleted client stop working at once", async () => {
    const application = await site.application();
    const client = await site.client();
    await site.call("DELETE", `/application/${application.id}`, { as: site.admin });
    await site.call("DELETE", `/client/${client.id}`, { as: site.admin });
    const post = await site.call("POST", "/message", { as: application, json: {} });
    const read = await site.call("GET", "/current/user", { as: client });
    expect([post.status, read.status]).toEqual([401, 401]);
  });
});
