// Owns the facts about deleting messages: one, all of an application, all of a user.
import { expect, test } from "vitest";
import { asList, asNumber, asObject, badRequest, notFound } from "./call.ts";
import { contract, type Site } from "./suite.ts";
import type { Sender } from "./call.ts";

async function idsIn(site: Site, path: string, as: Sender): Promise<readonly number[]> {
  const reply = await site.call("GET", path, { as });
  return asList(asObject(reply.json)["messages"]).map(({ id }) => asNumber(id));
}

contract("deleting messages", (site) => {
  test("a message is deleted by id, with an empty 200; the second time it is unknown", async () => {
    const client = await site.client();
    const application = await site.application();
    const kept = await site.post(application);
    const { id } = await site.post(application);
    const deletion = await site.call("DELETE", `/message/${id}`, { as: client });
    expect([deletion.status, deletion.text]).toEqual([200, ""]);
    expect(await idsIn(site, `/application/${application.id}/message`, client)).toEqual([kept.id]);
    const again = await site.call("DELETE", `/message/${id}`, { as: client });
    expect([again.status, again.text]).toEqual([404, notFound("message does not exist")]);
  });

  test("an id that is no number is a 400", async () => {
    for (const id of ["x", "-1", "1.5"]) {
      const reply = await site.call("DELETE", `/message/${id}`, { as: site.admin });
      expect([reply.status, reply.text]).toEqual([400, badRequest("invalid id")]);
    }
  });

  test("an application's messages are deleted together, and nobody else's", async () => {
    const one = await site.application();
    const other = await site.application();
    await site.post(one);
    await site.post(one);
    const kept = await site.post(other);
    const deletion = await site.call("DELETE", `/application/${one.id}/message`, {
      as: site.admin,
    });
    expect([deletion.status, deletion.text]).toEqual([200, ""]);
    expect(await idsIn(site, `/application/${one.id}/message`, site.admin)).toEqual([]);
    expect(await idsIn(site, `/application/${other.id}/message`, site.admin)).toEqual([kept.id]);
  });

  test("an unknown application is a 404", async () => {
    const reply = await site.call("DELETE", "/application/4000000000/message", { as: site.admin });
    expect([reply.status, reply.text]).toEqual([404, notFound("application does not exists")]);
  });

  test("DELETE /message empties all applications of the user and of nobody else", async (context) => {
    const user = await site.user(context);
    const neighbour = await site.user(context);
    const applications = [await site.application({}, user), await site.application({}, user)];
    for (const application of applications) await site.post(application);
    const kept = await site.post(await site.application({}, neighbour));
    const deletion = await site.call("DELETE", "/message", { as: user });
    expect([deletion.status, deletion.text]).toEqual([200, ""]);
    expect(await idsIn(site, "/message", user)).toEqual([]);
    expect(await idsIn(site, "/message", neighbour)).toEqual([kept.id]);
  });

  test("an id too few is dangerous: DELETE /message/ is redirected, method kept, to DELETE /message", async (context) => {
    site.needOwnServer(context, "a proxy that follows the redirect itself would empty it");
    const reply = await site.call("DELETE", "/message/", { as: site.admin });
    expect([reply.status, reply.headers.get("location")]).toEqual([307, "/message"]);
  });

  test("ids of deleted messages are not given out again", async () => {
    const application = await site.application();
    const { id } = await site.post(application);
    await site.call("DELETE", `/message/${id}`, { as: site.admin });
    expect((await site.post(application)).id).toBeGreaterThan(id);
  });

  test("deleting an application deletes its messages", async () => {
    const application = await site.application();
    const { id } = await site.post(application);
    await site.call("DELETE", `/application/${application.id}`, { as: site.admin });
    const reply = await site.call("DELETE", `/message/${id}`, { as: site.admin });
    expect(reply.status).toBe(404);
  });
});
