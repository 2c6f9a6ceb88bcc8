// Owns the facts about credentials: where they may stand, which place wins, and how a caller is turned away.
import { expect, test } from "vitest";
import { basic, forbidden, unauthorized } from "./call.ts";
import { contract } from "./suite.ts";

contract("credentials", (site) => {
  test("no credentials, unknown ones and a wrong password get the same 401", async () => {
    const wrong = { name: site.admin.name, password: "wrong" };
    for (const as of [undefined, { token: "Cunknown" }, wrong, { name: "x", password: "y" }]) {
      const reply = await site.call("GET", "/message", { as });
      expect(reply.status).toBe(401);
      expect(reply.text).toBe(unauthorized);
      expect(reply.contentType).toBe("application/json");
    }
  });

  test("an application token opens no client endpoint: 401, as if unknown", async () => {
    const application = await site.application();
    for (const path of ["/message", "/application", "/client", "/current/user"]) {
      const reply = await site.call("GET", path, { as: application });
      expect([reply.status, reply.text]).toEqual([401, unauthorized]);
    }
  });

  test("a token may stand in the query, in X-Gotify-Key or as a bearer, in any case of the word", async () => {
    const { token } = await site.client();
    const inQuery = await site.call("GET", `/current/user?token=${token}`);
    const inHeader = await site.call("GET", "/current/user", {
      headers: { "x-gotify-key": token },
    });
    const asBearer = await site.call("GET", "/current/user", {
      headers: { authorization: `bEaReR ${token}` },
    });
    expect([inQuery.status, inHeader.status, asBearer.status]).toEqual([200, 200, 200]);
    const bare = await site.call("GET", "/current/user", { headers: { authorization: token } });
    expect(bare.status).toBe(401);
  });

  test("the first place with a token decides: query before header before bearer, right or wrong", async () => {
    const { token } = await site.client();
    const bearer = { authorization: `Bearer ${token}` };
    const ask = async (path: string, headers: Record<string, string>): Promise<number> =>
      (await site.call("GET", path, { headers })).status;

    expect(await ask("/current/user?token=wrong", { "x-gotify-key": token })).toBe(401);
    expect(await ask(`/current/user?token=${token}`, { "x-gotify-key": "wrong" })).toBe(200);
    expect(await ask("/current/user", { "x-gotify-key": "wrong", ...bearer })).toBe(401);
    expect(await ask("/current/user?token=", { "x-gotify-key": token })).toBe(200);
  });

  test("on client endpoints name and password are asked first, and a wrong one does not spoil a good token", async () => {
    const { token } = await site.client();
    const goodPassword = await site.call("GET", "/current/user", {
      headers: { authorization: basic(site.admin), "x-gotify-key": "wrong" },
    });
    const goodToken = await site.call("GET", "/current/user", {
      headers: {
        authorization: basic({ name: site.admin.name, password: "wrong" }),
        "x-gotify-key": token,
      },
    });
    expect([goodPassword.status, goodToken.status]).toEqual([200, 200]);
  });

  test("a token in the body is never read", async () => {
    const { token } = await site.application();
    const reply = await site.call("POST", "/message", { json: { token, message: "x" } });
    expect(reply.status).toBe(401);
  });

  test("name and password post on v3, with an appid; on v2 they are forbidden to, even beside a good token", async () => {
    const application = await site.application();
    const json = { message: "by password", appid: application.id };
    const alone = await site.call("POST", "/message", { as: site.admin, json });
    const beside = await site.call("POST", "/message", {
      headers: { authorization: basic(site.admin), "x-gotify-key": application.token },
      json: { message: "by both" },
    });
    expect([alone.status, beside.status]).toEqual(site.choose([403, 403], [200, 200]));
  });

  test("the 403 for a good password on v2 has a text of its own", async (context) => {
    site.needVersion(context, 2);
    const reply = await site.call("POST", "/message", { as: site.admin, json: { message: "x" } });
    expect(reply.text).toBe(forbidden);
  });

  test("a wrong password on a post is a 401 on both", async () => {
    const as = { name: site.admin.name, password: "wrong" };
    const reply = await site.call("POST", "/message", { as, json: { message: "x" } });
    expect([reply.status, reply.text]).toEqual([401, unauthorized]);
  });

  test("credentials are looked at before the body, the path's id and the query", async () => {
    const as = { token: "Awrong" };
    const replies = await Promise.all([
      site.call("POST", "/message", { as, jsonText: "{" }),
      site.call("DELETE", "/message/no-id", { as }),
      site.call("GET", "/message?limit=0", { as }),
    ]);
    expect(replies.map(({ status }) => status)).toEqual([401, 401, 401]);
  });
});
