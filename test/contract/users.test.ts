// Owns the facts about users: what admins do with them, what a stranger is told, and changing one's own password.
import { describe, expect, test, type TestContext } from "vitest";
import { asList, asNumber, asObject, badRequest, errorText, forbidden } from "./call.ts";
import { notElevated, notFound, unauthorized } from "./call.ts";
import type { Reply, Sender } from "./call.ts";
import { anyInstant } from "./like.ts";
import { contract, type OwnedUser } from "./suite.ts";

const UNKNOWN = "/user/4000000000";
const notAllowed = "you are not allowed to access this api";

contract("users", (site) => {
  const create = (as: Sender, json: unknown): Promise<Reply> =>
    site.call("POST", "/user", { as, json });
  const change = (id: number, json: unknown, as: Sender = site.admin): Promise<Reply> =>
    site.call("POST", `/user/${id}`, { as, json });
  const changePassword = (as: Sender, json: unknown): Promise<Reply> =>
    site.call("POST", "/current/user/password", { as, json });
  const canSignIn = async (as: Sender): Promise<boolean> =>
    (await site.call("GET", "/current/user", { as })).status === 200;

  /** As answers show him. */
  function shown({ id, name }: OwnedUser, admin = false): object {
    const common = { id, name, admin };
    return site.choose<object>(common, { ...common, createdAt: anyInstant });
  }

  describe("admins", () => {
    test("see one user and all of them, without passwords", async (context) => {
      const user = await site.user(context);
      const one = await site.call("GET", `/user/${user.id}`, { as: site.admin });
      expect([one.status, one.json]).toEqual([200, shown(user)]);
      const all = asList((await site.call("GET", "/user", { as: site.admin })).json);
      expect(all.find(({ id }) => id === user.id)).toEqual(shown(user));
    });

    test("need a name and a password to make one; both are missed at once", async (context) => {
      site.needOwnServer(context, "it might make a user");
      const reasonOf = async (json: unknown): Promise<string> =>
        (await create(site.admin, json)).text;
      const both = "Field 'name' is required; Field 'pass' is required";
      expect(await reasonOf({})).toBe(badRequest(both));
      expect(await reasonOf({ name: "x" })).toBe(badRequest("Field 'pass' is required"));
      expect(await reasonOf({ name: "", pass: "x" })).toBe(badRequest("Field 'name' is required"));
      const type = "json: cannot unmarshal string into Go struct field CreateUserExternal.admin";
      const json = { name: "x", pass: "x", admin: "yes" };
      expect(await reasonOf(json)).toBe(badRequest(`${type} of type bool`));
    });

    test("change name and rank together, and the password only when they name one", async (context) => {
      const user = await site.user(context);
      const name = `${user.name}-renamed`;
      const renamed = await change(user.id, { name });
      expect([renamed.status, renamed.json]).toEqual([200, shown({ ...user, name })]);
      expect(await canSignIn(user)).toBe(false);
      expect(await canSignIn({ ...user, name })).toBe(true);
      await change(user.id, { name: user.name, pass: "another" });
      expect(await canSignIn(user)).toBe(false);
      expect(await canSignIn({ ...user, password: "another" })).toBe(true);
    });

    test("make admins and unmake them: a rank that is left out is lost", async (context) => {
      const user = await site.user(context);
      const client = await site.client({}, user);
      const raised = await change(user.id, { name: user.name, admin: true });
      expect(raised.json).toEqual(shown(user, true));
      expect((await site.call("GET", "/user", { as: user })).status).toBe(200);
      // A token needs elevation on top of the rank.
      const byToken = await site.call("GET", "/user", { as: client });
      expect(byToken.status).toBe(site.choose(200, 403));
      const lowered = await change(user.id, { name: user.name }, user);
      expect(lowered.json).toEqual(shown(user));
      expect((await site.call("GET", "/user", { as: user })).status).toBe(403);
    });

    test("cannot remove or lower the last one of them", async (context) => {
      site.needOwnServer(context, "it is about the last admin");
      const me = asObject((await site.call("GET", "/current/user", { as: site.admin })).json);
      const id = asNumber(me["id"]);
      const replies = [
        await site.call("DELETE", `/user/${id}`, { as: site.admin }),
        await change(id, { name: site.admin.name }),
        await change(id, { name: site.admin.name, admin: false, pass: "x" }),
      ];
      const reason = badRequest("cannot delete last admin");
      expect(replies.map(({ text }) => text)).toEqual([reason, reason, reason]);
      expect(await canSignIn(site.admin)).toBe(true);
    });

    test("cannot give a user somebody else's name: that is a 500", async (context) => {
      const user = await site.user(context);
      const reply = await change(user.id, { name: site.admin.name });
      const reason = errorText(500, "Internal Server Error", "duplicated key not allowed");
      expect(reply.text).toBe(reason);
    });

    test("get a 404 for a user that is not there, and a 400 for an id that is none", async (context) => {
      site.needOwnServer(context, "it is about users");
      const json = { name: "x" };
      const unknown = [
        await site.call("GET", UNKNOWN, { as: site.admin }),
        await site.call("POST", UNKNOWN, { as: site.admin, json }),
        await site.call("DELETE", UNKNOWN, { as: site.admin }),
      ].map(({ text }) => text);
      expect(new Set(unknown)).toEqual(new Set([notFound("user does not exist")]));
      const none = ["GET", "POST", "DELETE"].map(
        async (method) => (await site.call(method, "/user/me", { as: site.admin })).text,
      );
      expect(new Set(await Promise.all(none))).toEqual(new Set([badRequest("invalid id")]));
    });

    test("have to say something in a change: the new values are looked at before the id, and nothing at all is a 500 without a body", async (context) => {
      site.needOwnServer(context, "it is about users");
      const ask = (options: object): Promise<Reply> =>
        site.call("POST", UNKNOWN, { as: site.admin, ...options });
      expect((await ask({ json: {} })).text).toBe(badRequest("Field 'name' is required"));
      for (const options of [{ json: null }, {}]) {
        const reply = await ask(options);
        expect([reply.status, reply.text]).toEqual([500, ""]);
      }
    });

    test("on v2 need but a token, whose use is not noted there", async (context) => {
      site.needOwnServer(context, "it reads the list of users");
      site.needVersion(context, 2);
      const client = await site.client();
      expect((await site.call("GET", "/user", { as: client })).status).toBe(200);
      const listed = asList((await site.call("GET", "/client", { as: site.admin })).json);
      expect(listed.find(({ id }) => id === client.id)).toMatchObject({ lastUsed: null });
    });
  });

  describe("whoever is no admin", () => {
    test("makes no user while registration is off: 401 without credentials, also with wrong ones, and 403 with good ones", async (context) => {
      const user = await site.user(context);
      const application = await site.application();
      const wrong = { name: user.name, password: "wrong" };
      const json = { name: `${user.name}-2`, pass: "x" };
      const said = await Promise.all(
        [undefined, wrong, { token: "Cwrong" }, application, user].map(
          async (as) => (await create(as, json)).text,
        ),
      );
      const stranger = errorText(401, "Unauthorized", notAllowed);
      expect(said).toEqual([stranger, stranger, stranger, stranger, forbidden]);
    });

    test("is told first what is wrong with the user that he will not get", async (context) => {
      site.needOwnServer(context, "it might make a user");
      const reply = await create(undefined, { name: "x" });
      expect(reply.text).toBe(badRequest("Field 'pass' is required"));
    });

    test("does not get past a token that only looks like one of v3's", async (context) => {
      site.needOwnServer(context, "it might make a user");
      const reply = await create({ token: "gtfyc.AA" }, { name: "x", pass: "x" });
      const special = "cannot parse token: private key must be 32 bytes";
      const reason = site.choose(notAllowed, special);
      expect(reply.text).toBe(errorText(401, "Unauthorized", reason));
    });

    test("neither sees, changes nor deletes users, himself included", async (context) => {
      const user = await site.user(context);
      const client = await site.client({}, user);
      for (const as of [user, client]) {
        for (const [method, path] of [
          ["GET", "/user"],
          ["GET", `/user/${user.id}`],
          ["POST", `/user/${user.id}`],
          ["DELETE", `/user/${user.id}`],
        ] as const) {
          const reply = await site.call(method, path, { as });
          expect([reply.status, reply.text]).toEqual([403, forbidden]);
        }
      }
    });
  });

  describe("one's own password", () => {
    async function withClient(context: TestContext): Promise<{ user: OwnedUser; token: string }> {
      const user = await site.user(context);
      const { token } = await site.client({}, user);
      return { user, token };
    }

    test("is changed with the old one, and that is void at once", async (context) => {
      const user = await site.user(context);
      const reply = await changePassword(user, { pass: "another" });
      expect([reply.status, reply.text]).toEqual([200, ""]);
      expect(await canSignIn(user)).toBe(false);
      expect(await canSignIn({ ...user, password: "another" })).toBe(true);
    });

    test("leaves tokens and streams alone", async (context) => {
      const { user, token } = await withClient(context);
      const application = await site.application({}, { token });
      const stream = await site.stream({ as: { token } });
      await changePassword(user, { pass: "another" });
      expect(await canSignIn({ token })).toBe(true);
      const { id } = await site.post(application);
      await stream.frameOf(id);
    });

    test("is changed with a plain client token on v2; v3 wants an elevated session", async (context) => {
      const { user, token } = await withClient(context);
      const reply = await changePassword({ token }, { pass: "another" });
      expect([reply.status, reply.text]).toEqual(site.choose([200, ""], [403, notElevated]));
      expect(await canSignIn(user)).toBe(site.choose(false, true));
    });

    test("cannot be empty, nor be changed by a stranger", async (context) => {
      const user = await site.user(context);
      for (const json of [{}, { pass: "" }]) {
        const reply = await changePassword(user, json);
        expect(reply.text).toBe(badRequest("Field 'pass' is required"));
      }
      expect((await changePassword(undefined, { pass: "x" })).text).toBe(unauthorized);
    });
  });
});
