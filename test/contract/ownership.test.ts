// Owns the facts about two users of one server: neither sees, reaches or disturbs what is the other's.
import { expect, test } from "vitest";
import { asList, asObject, badRequest, forbidden, notFound } from "./call.ts";
import { contract } from "./suite.ts";

contract("ownership", (site) => {
  test("lists hold the user's own things only", async (context) => {
    const user = await site.user(context);
    const neighbour = await site.user(context);
    const application = await site.application({}, user);
    const client = await site.client({}, user);
    await site.application({}, neighbour);
    await site.client({}, neighbour);
    const idsOf = async (path: string): Promise<unknown[]> =>
      asList((await site.call("GET", path, { as: user })).json).map(({ id }) => id);
    expect(await idsOf("/application")).toEqual([application.id]);
    expect(await idsOf("/client")).toEqual([client.id]);
  });

  test("another user's application, client and message look as if they did not exist", async (context) => {
    const user = await site.user(context);
    const neighbour = await site.user(context);
    const application = await site.application({}, neighbour);
    const client = await site.client({}, neighbour);
    const { id: messageId } = await site.post(application);
    const ask = async (method: string, path: string): Promise<string> => {
      const json = { name: "taken over", durationSeconds: 60 };
      const options = { as: user, ...(method === "GET" ? {} : { json }) };
      return (await site.call(method, path, options)).text;
    };
    const noApplication = notFound(`app with id ${application.id} doesn't exists`);
    const noClient = notFound(`client with id ${client.id} doesn't exists`);
    expect([
      await ask("GET", `/application/${application.id}/message`),
      await ask("DELETE", `/application/${application.id}/message`),
      await ask("PUT", `/application/${application.id}`),
      await ask("DELETE", `/application/${application.id}`),
      await ask("PUT", `/client/${client.id}`),
      await ask("DELETE", `/client/${client.id}`),
      await ask("DELETE", `/message/${messageId}`),
    ]).toEqual([
      notFound("application does not exist"),
      notFound("application does not exists"),
      noApplication,
      noApplication,
      noClient,
      noClient,
      notFound("message does not exist"),
    ]);
  });

  test("nobody posts to another user's application by naming its appid", async (context) => {
    site.needVersion(context, 3);
    const user = await site.user(context);
    const neighbour = await site.user(context);
    const client = await site.client({}, user);
    const { id: appid } = await site.application({}, neighbour);
    const reply = await site.call("POST", "/message", {
      as: client,
      json: { message: "m", appid },
    });
    expect([reply.status, reply.text]).toEqual([400, badRequest("appid not found")]);
  });

  test("message ids are counted over all users, so a user sees gaps that mean nothing", async (context) => {
    const mine = await site.application({}, await site.user(context));
    const theirs = await site.application({}, await site.user(context));
    const first = await site.post(mine);
    const between = await site.post(theirs);
    const second = await site.post(mine);
    expect(between.id).toBeGreaterThan(first.id);
    expect(second.id).toBeGreaterThan(between.id);
  });

  test("a stream carries the user's own messages only", async (context) => {
    const user = await site.user(context);
    const mine = await site.application({}, user);
    const theirs = await site.application({}, await site.user(context));
    const stream = await site.stream({ as: user });
    await site.post(theirs);
    const own = await site.post(mine);
    await stream.frameOf(own.id);
    expect(stream.ids()).toEqual([own.id]);
  });

  test("a deleted user is unknown at once, and so are his tokens; his streams end without a close frame", async (context) => {
    const user = await site.user(context);
    const client = await site.client({}, user);
    const application = await site.application({}, user);
    const stream = await site.stream({ as: client });
    await site.call("DELETE", `/user/${user.id}`, { as: site.admin });
    expect((await stream.untilClosed()).code).toBe(1006);
    const statuses = [
      await site.call("GET", "/current/user", { as: user }),
      await site.call("GET", "/current/user", { as: client }),
      await site.call("POST", "/message", { as: application, json: {} }),
    ].map(({ status }) => status);
    expect(statuses).toEqual([401, 401, 401]);
  });

  test("users are for admins: others get a 403, and a token needs elevation on v3 on top", async (context) => {
    const user = await site.user(context);
    const byUser = await site.call("GET", "/user", { as: user });
    expect([byUser.status, byUser.text]).toEqual([403, forbidden]);
    const token = await site.client();
    const byToken = await site.call("GET", "/user", { as: token });
    expect(byToken.status).toBe(site.choose(200, 403));
    const byAdmin = await site.call("GET", "/user", { as: site.admin });
    expect(asList(byAdmin.json).map(({ name }) => name)).toContain(user.name);
  });

  test("two users cannot have one name", async (context) => {
    const user = await site.user(context);
    const reply = await site.call("POST", "/user", {
      as: site.admin,
      json: { name: user.name, pass: "x", admin: false },
    });
    expect([reply.status, asObject(reply.json)["errorDescription"]]).toEqual([
      400,
      "username already exists",
    ]);
  });
});
