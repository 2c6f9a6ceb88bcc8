// Owns the facts about parts that a server may do without: plugins, OpenID Connect, users who register themselves.
import { randomUUID } from "node:crypto";
import { describe, expect, test } from "vitest";
import { asNumber, asObject, badRequest, errorText, notFound, unauthorized } from "./call.ts";
import { contract } from "./suite.ts";
import { planTargets } from "./target.ts";

contract("plugins", (site) => {
  const CALLS = [
    ["GET", "config"],
    ["POST", "config"],
    ["GET", "display"],
    ["POST", "enable"],
    ["POST", "disable"],
  ] as const;

  test("without any there is an empty list, for clients only", async (context) => {
    site.needOwnServer(context, "it may have plugins");
    const client = await site.client();
    for (const as of [client, site.admin]) {
      const reply = await site.call("GET", "/plugin", { as });
      expect([reply.status, reply.text, reply.contentType]).toEqual([
        200,
        "[]",
        "application/json",
      ]);
    }
    const application = await site.application();
    const refused = await site.call("GET", "/plugin", { as: application });
    expect([refused.status, refused.text]).toEqual([401, unauthorized]);
  });

  test.for(CALLS)("%s …/%s of an unknown one is a 404", async ([method, what]) => {
    const unknown = await site.call(method, `/plugin/4000000000/${what}`, { as: site.admin });
    expect([unknown.status, unknown.text]).toEqual([404, notFound("unknown plugin")]);
    const none = await site.call(method, `/plugin/x/${what}`, { as: site.admin });
    expect([none.status, none.text]).toEqual([400, badRequest("invalid id")]);
    const stranger = await site.call(method, `/plugin/1/${what}`);
    expect([stranger.status, stranger.text]).toEqual([401, unauthorized]);
  });

  test("what a plugin would serve itself is not there either", async (context) => {
    site.needOwnServer(context, "it may have plugins");
    for (const path of ["/plugin/1/custom/token/x", "/plugin/1"]) {
      const reply = await site.call("GET", path, { as: site.admin });
      expect([reply.status, reply.text]).toEqual([404, notFound("page not found")]);
    }
  });
});

contract("OpenID Connect", (site) => {
  test.for([
    ["GET", "/auth/oidc/login"],
    ["GET", "/auth/oidc/callback"],
    ["GET", "/auth/oidc/elevate"],
    ["POST", "/auth/oidc/external/authorize"],
    ["POST", "/auth/oidc/external/token"],
  ] as const)("while it is off, %s %s is not there", async ([method, path], context) => {
    site.needOwnServer(context, "it may be on");
    const json = { name: "x", code_challenge: "x", redirect_uri: "gotify://oidc/callback" };
    const reply = await site.call(method, path, method === "GET" ? {} : { json });
    expect([reply.status, reply.text]).toEqual([404, notFound("page not found")]);
  });
});

contract("registration off", (site) => {
  test("v3 says so, and that OpenID Connect is off as well", async (context) => {
    site.needVersion(context, 3);
    site.needOwnServer(context, "it may be on");
    const { json } = await site.call("GET", "/gotifyinfo");
    expect(json).toMatchObject({ register: false, oidc: false });
  });
});

contract(
  "registration on",
  (site) => {
    const draft = (): { name: string; pass: string } => ({
      name: `contract-${randomUUID().slice(0, 8)}`,
      pass: "x",
    });

    describe.skipIf(site.kind === "url")("on a server of our own", () => {
      test("v3 says so", async (context) => {
        site.needVersion(context, 3);
        const { json } = await site.call("GET", "/gotifyinfo");
        expect(json).toMatchObject({ register: true });
      });

      test("anybody makes a user of his own, who is no admin", async () => {
        const json = draft();
        const reply = await site.call("POST", "/user", { json });
        const made = asObject(reply.json);
        site.onCleanUp(() =>
          site.call("DELETE", `/user/${asNumber(made["id"])}`, { as: site.admin }),
        );
        expect(reply.status).toBe(200);
        expect(made).toMatchObject({ name: json.name, admin: false });
        const as = { name: json.name, password: json.pass };
        const whoAmI = await site.call("GET", "/current/user", { as });
        expect(whoAmI.json).toMatchObject({ id: made["id"], name: json.name, admin: false });
      });

      test("nobody makes himself an admin: 401 for a stranger, 403 for a user", async (context) => {
        const user = await site.user(context);
        const json = { ...draft(), admin: true };
        const reason = "you are not allowed to create an admin user";
        const stranger = await site.call("POST", "/user", { json });
        expect(stranger.text).toBe(errorText(401, "Unauthorized", reason));
        const known = await site.call("POST", "/user", { as: user, json });
        expect(known.text).toBe(errorText(403, "Forbidden", reason));
      });

      test("a name that is taken stays taken", async (context) => {
        const { name } = await site.user(context);
        const reply = await site.call("POST", "/user", { json: { name, pass: "x" } });
        expect(reply.text).toBe(badRequest("username already exists"));
      });
    });
  },
  planTargets(process.env, {}, { registration: true }),
);
