// Owns the facts about a browser's sessions on Gotify 3: signing in for a cookie, what the cookie is good for, signing out.
import { describe, expect, test, type TestContext } from "vitest";
import { asList, asNumber, asObject, basic, errorText, notFound, unauthorized } from "./call.ts";
import type { CallOptions, Reply } from "./call.ts";
import { anyInstant, anyNumber, textLike } from "./like.ts";
import { contract } from "./suite.ts";

const COOKIE = "gotify-client-token";
const FORGET = `${COOKIE}=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict`;
const WEEK_S = 7 * 24 * 60 * 60;
const HOUR_MS = 60 * 60 * 1000;
const crossSite = errorText(
  403,
  "Forbidden",
  "cross-origin request detected from Sec-Fetch-Site header",
);

interface Session {
  readonly id: number;
  readonly token: string;
  readonly cookie: Readonly<Record<string, string>>;
  readonly reply: Reply;
}

contract("sessions", (site) => {
  async function signIn(
    context: TestContext,
    options: CallOptions = { json: { name: "contract: a browser" } },
  ): Promise<Session> {
    site.needVersion(context, 3);
    const reply = await site.call("POST", "/auth/local/login", { as: site.admin, ...options });
    const id = asNumber(asObject(reply.json)["clientId"]);
    site.onCleanUp(() => site.call("DELETE", `/client/${id}`, { as: site.admin }));
    const [, token = ""] = /=([^;]*)/.exec(reply.headers.get("set-cookie") ?? "") ?? [];
    return { id, token, cookie: { cookie: `${COOKIE}=${token}` }, reply };
  }

  const statusOf = async (method: string, path: string, options: CallOptions): Promise<number> =>
    (await site.call(method, path, options)).status;

  describe("signing in", () => {
    test("gives the user, and a client token as a cookie that scripts and other sites do not get", async (context) => {
      const { reply, token } = await signIn(context);
      expect(reply.json).toEqual({
        id: anyNumber,
        name: site.admin.name,
        admin: true,
        createdAt: anyInstant,
        clientId: anyNumber,
        elevatedUntil: anyInstant,
      });
      expect(token).toMatch(/^gtfyc\.[\w-]{43}$/);
      const attributes = `Path=/; Max-Age=${WEEK_S}; HttpOnly; SameSite=Strict`;
      expect(reply.headers.get("set-cookie")).toBe(`${COOKIE}=${token}; ${attributes}`);
    });

    test("makes a client that is elevated for an hour and expires after a week without use", async (context) => {
      const { id } = await signIn(context, { body: new URLSearchParams({ name: "a form" }) });
      const before = Date.now();
      const listed = asList((await site.call("GET", "/client", { as: site.admin })).json);
      const client = listed.find((one) => one["id"] === id);
      expect(client).toMatchObject({
        name: "a form",
        lastUsed: null,
        expiresAfterInactivitySeconds: WEEK_S,
        expiresAt: anyInstant,
      });
      const elevatedFor = Date.parse(String(client?.["elevatedUntil"])) - before;
      expect(Math.abs(elevatedFor - HOUR_MS)).toBeLessThan(10_000);
    });

    test("needs name and password, in words of its own; a token does not help", async (context) => {
      site.needVersion(context, 3);
      const client = await site.client();
      const wrong = { name: site.admin.name, password: "wrong" };
      const json = { name: "x" };
      const reasons = await Promise.all(
        [undefined, client, wrong].map(
          async (as) => (await site.call("POST", "/auth/local/login", { as, json })).text,
        ),
      );
      const without = errorText(401, "Unauthorized", "basic auth required");
      const failed = errorText(401, "Unauthorized", "invalid credentials");
      expect(reasons).toEqual([without, without, failed]);
    });

    test("looks at the password first and at the name of the session then", async (context) => {
      site.needVersion(context, 3);
      const wrong = { name: site.admin.name, password: "wrong" };
      const path = "/auth/local/login";
      expect(await statusOf("POST", path, { as: wrong, json: {} })).toBe(401);
      const nameless = await site.call("POST", path, { as: site.admin, json: {} });
      expect([nameless.status, nameless.headers.get("set-cookie")]).toEqual([400, null]);
    });

    test("does not exist on v2, nor does signing out, nor do cookies", async (context) => {
      site.needVersion(context, 2);
      const { token } = await site.client();
      const headers = { cookie: `${COOKIE}=${token}` };
      const json = { name: "x" };
      const replies = [
        await site.call("POST", "/auth/local/login", { as: site.admin, json }),
        await site.call("POST", "/auth/logout", { as: site.admin }),
        await site.call("GET", "/current/user", { headers }),
      ];
      const nothing = notFound("page not found");
      expect(replies.map(({ text }) => text)).toEqual([nothing, nothing, unauthorized]);
    });
  });

  describe("the cookie", () => {
    test("reads, posts, opens a stream, and is elevated", async (context) => {
      const { cookie, id } = await signIn(context);
      const application = await site.application();
      const whoAmI = await site.call("GET", "/current/user", { headers: cookie });
      expect(whoAmI.json).toMatchObject({ name: site.admin.name, clientId: id });
      const stream = await site.stream({ headers: cookie });
      const json = { message: "from a browser", appid: application.id };
      const post = await site.call("POST", "/message", { headers: cookie, json });
      expect(await stream.frameOf(asNumber(asObject(post.json)["id"]))).toBe(`${post.text}\n`);
      const path = `/application/${application.id}`;
      expect(await statusOf("DELETE", path, { headers: cookie })).toBe(200);
    });

    test("is given anew with the first use and then not for a while", async (context) => {
      const { cookie, reply } = await signIn(context);
      const first = await site.call("GET", "/current/user", { headers: cookie });
      const second = await site.call("GET", "/current/user", { headers: cookie });
      expect(first.headers.get("set-cookie")).toBe(reply.headers.get("set-cookie"));
      expect(second.headers.get("set-cookie")).toBeNull();
    });

    test("is given anew beside a refusal, too, and never when the token came otherwise", async (context) => {
      site.needVersion(context, 3);
      const { id, token } = await site.client();
      const headers = { cookie: `${COOKIE}=${token}` };
      const refused = await site.call("DELETE", `/client/${id}`, { headers });
      expect([refused.status, refused.headers.get("set-cookie")]).toEqual([
        403,
        textLike(/^gotify-client-token=gtfyc/),
      ]);
      const other = await site.client();
      const reply = await site.call("GET", "/current/user", { as: other });
      expect([reply.status, reply.headers.get("set-cookie")]).toEqual([200, null]);
    });

    test("comes last of all places, and the first one of its name counts", async (context) => {
      const { cookie, token } = await signIn(context);
      const ask = (headers: Record<string, string>, path = "/current/user"): Promise<number> =>
        statusOf("GET", path, { headers });
      expect(await ask({ ...cookie, "x-gotify-key": "wrong" })).toBe(401);
      expect(await ask({ ...cookie, authorization: "Bearer wrong" })).toBe(401);
      expect(await ask(cookie, "/current/user?token=wrong")).toBe(401);
      expect(await ask({ cookie: `a=b; ${COOKIE}="${token}"; c=d` })).toBe(200);
      expect(await ask({ cookie: `${COOKIE}=wrong; ${COOKIE}=${token}` })).toBe(401);
      expect(await ask({ cookie: `${COOKIE}=; ${COOKIE}=${token}` })).toBe(401);
      expect(await ask({ cookie: `${COOKIE}=%zz` })).toBe(401);
    });

    test("may as well be an application's token, for a post", async (context) => {
      site.needVersion(context, 3);
      const { token } = await site.application();
      const headers = { cookie: `${COOKIE}=${token}` };
      expect(await statusOf("POST", "/message", { headers, json: { message: "m" } })).toBe(200);
      expect(await statusOf("GET", "/message", { headers })).toBe(401);
    });
  });

  describe("another site's page", () => {
    const from = (place: string): Readonly<Record<string, string>> => ({ "sec-fetch-site": place });

    test("changes nothing with the cookie that the browser sends along", async (context) => {
      const { cookie } = await signIn(context);
      for (const place of ["cross-site", "same-site", "anything"]) {
        const headers = { ...cookie, ...from(place) };
        const reply = await site.call("POST", "/message", { headers, json: {} });
        expect([reply.status, reply.text]).toEqual([403, crossSite]);
        expect(await statusOf("DELETE", "/message/0", { headers })).toBe(403);
      }
    });

    test("is refused before the cookie is looked up, and beside a good password as well", async (context) => {
      site.needVersion(context, 3);
      const headers = { cookie: `${COOKIE}=wrong`, ...from("cross-site") };
      const alone = await site.call("POST", "/client", { headers, json: {} });
      const authorization = basic(site.admin);
      const beside = await site.call("POST", "/client", {
        headers: { ...headers, authorization },
        json: {},
      });
      const registering = await site.call("POST", "/user", { headers, json: {} });
      expect([alone.text, beside.text, registering.text]).toEqual([
        crossSite,
        crossSite,
        crossSite,
      ]);
    });

    test("may read, as the server counts on browsers for that", async (context) => {
      const { cookie } = await signIn(context);
      const headers = { ...cookie, ...from("cross-site") };
      expect(await statusOf("GET", "/current/user", { headers })).toBe(200);
      await site.stream({ headers });
    });

    test("is nobody's concern when the token stands elsewhere, nor where nobody asks for one", async (context) => {
      const { cookie, token } = await signIn(context);
      const headers = { ...cookie, ...from("cross-site") };
      const named = { ...headers, "x-gotify-key": token };
      expect(await statusOf("POST", "/message", { headers: named, json: {} })).toBe(400);
      const wrong = { name: site.admin.name, password: "wrong" };
      expect(await statusOf("POST", "/auth/local/login", { as: wrong, headers })).toBe(401);
    });

    test("is not what the server's own pages and a person's own doing are", async (context) => {
      const { cookie } = await signIn(context);
      const { host } = new URL(site.target.url);
      for (const own of [from("same-origin"), from("none"), { origin: `http://${host}` }, {}]) {
        const headers = { ...cookie, ...own };
        expect(await statusOf("POST", "/client", { headers, json: {} })).toBe(400);
      }
    });
  });

  describe("signing out", () => {
    test("deletes the client with its streams and has the browser forget the cookie", async (context) => {
      const { cookie, id } = await signIn(context);
      const stream = await site.stream({ headers: cookie });
      const reply = await site.call("POST", "/auth/logout", { headers: cookie });
      expect([reply.status, reply.text]).toEqual([200, ""]);
      expect(reply.headers.getSetCookie()).toEqual([FORGET]);
      expect((await stream.untilClosed()).code).toBe(1006);
      const listed = asList((await site.call("GET", "/client", { as: site.admin })).json);
      expect(listed.map((client) => client["id"])).not.toContain(id);
      const again = await site.call("POST", "/auth/logout", { headers: cookie });
      expect([again.status, again.text]).toEqual([401, unauthorized]);
    });

    test("ends any client token, without elevation", async (context) => {
      site.needVersion(context, 3);
      const client = await site.client();
      expect(await statusOf("POST", "/auth/logout", { as: client })).toBe(200);
      expect(await statusOf("GET", "/current/user", { as: client })).toBe(401);
    });

    test("is nothing for name and password, nor for an application's token", async (context) => {
      site.needVersion(context, 3);
      const byPassword = await site.call("POST", "/auth/logout", { as: site.admin });
      const reason = errorText(403, "Forbidden", "no client auth provided");
      expect([byPassword.text, byPassword.headers.get("set-cookie")]).toEqual([reason, FORGET]);
      const application = await site.application();
      expect(await statusOf("POST", "/auth/logout", { as: application })).toBe(401);
    });
  });
});
