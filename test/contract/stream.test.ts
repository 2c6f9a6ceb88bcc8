// Owns the facts about an open stream: which messages arrive, in which form, and which do not.
import { expect, test } from "vitest";
import { asNumber, asObject } from "./call.ts";
import { contract } from "./suite.ts";

contract("stream", (site) => {
  test("a frame is the answer to the post, byte for byte, and a newline", async () => {
    const application = await site.application();
    const stream = await site.stream({ as: await site.client() });
    const extras = { b: 1, a: { html: "<b>&</b>" } };
    const posted = await site.post(application, {
      message: "m\n<i>",
      title: "t",
      priority: 5,
      extras,
    });
    expect(await stream.frameOf(posted.id)).toBe(`${posted.text}\n`);
  });

  test("a frame has the members of a listed message, and no extras when there are none", async () => {
    const application = await site.application();
    const stream = await site.stream({ as: await site.client() });
    const posted = await site.post(application);
    const frame = asObject(JSON.parse(await stream.frameOf(posted.id)));
    expect(Object.keys(frame)).toEqual(["id", "appid", "message", "title", "priority", "date"]);
  });

  test("every socket of the user gets every message, also those of the client that posts", async () => {
    const application = await site.application();
    const client = await site.client();
    const streams = [
      await site.stream({ as: client }),
      await site.stream({ as: client }),
      await site.stream({ as: await site.client() }),
      await site.stream({ as: site.admin }),
    ];
    const { id, text } = await site.post(application);
    const frames = await Promise.all(streams.map((stream) => stream.frameOf(id)));
    expect(frames).toEqual(streams.map(() => `${text}\n`));
  });

  test("a message posted with the stream's own client token comes back on it", async (context) => {
    site.needVersion(context, 3);
    const { id: appid } = await site.application();
    const client = await site.client();
    const stream = await site.stream({ as: client });
    const json = { message: "to myself", appid };
    const reply = await site.call("POST", "/message", { as: client, json });
    const id = asNumber(asObject(reply.json)["id"]);
    expect(await stream.frameOf(id)).toBe(`${reply.text}\n`);
  });

  test("what is on the stream can already be read", async () => {
    const application = await site.application();
    const stream = await site.stream({ as: await site.client() });
    const { id } = await site.post(application);
    await stream.frameOf(id);
    const path = `/application/${application.id}/message?limit=1`;
    const page = await site.call("GET", path, { as: site.admin });
    expect(asObject(page.json)["messages"]).toMatchObject([{ id }]);
  });

  test("nothing from before the opening is sent again", async () => {
    const application = await site.application();
    const client = await site.client();
    const missed = await site.post(application);
    const stream = await site.stream({ as: client });
    const live = await site.post(application);
    await stream.frameOf(live.id);
    expect(stream.ids()).not.toContain(missed.id);
  });

  test("messages of one sender arrive in the order of their posts", async () => {
    const application = await site.application();
    const stream = await site.stream({ as: await site.client() });
    const ids: number[] = [];
    for (let count = 0; count < 20; count += 1) ids.push((await site.post(application)).id);
    await stream.frameOf(ids.at(-1) ?? 0);
    expect(stream.ids().filter((id) => ids.includes(id))).toEqual(ids);
  });

  test("deletions and changes are not on the stream", async () => {
    const application = await site.application();
    const as = await site.client();
    const doomed = await site.post(application);
    const stream = await site.stream({ as });
    await site.call("DELETE", `/message/${doomed.id}`, { as });
    await site.call("PUT", `/application/${application.id}`, {
      as,
      json: { name: "contract: new" },
    });
    await site.call("DELETE", `/application/${application.id}/message`, { as });
    const { id } = await site.post(application);
    await stream.frameOf(id);
    const mine = stream.frames.filter(
      (frame) => asObject(JSON.parse(frame))["appid"] === application.id,
    );
    expect(mine).toHaveLength(1);
  });

  test("a long message arrives whole", async (context) => {
    context.skip(site.database === "mysql-utf8mb3", "does not store emoji");
    const application = await site.application();
    const stream = await site.stream({ as: await site.client() });
    const message = "äö🚀".repeat(6000);
    const posted = await site.post(application, { message });
    expect(JSON.parse(await stream.frameOf(posted.id))).toMatchObject({ message });
  });
});
