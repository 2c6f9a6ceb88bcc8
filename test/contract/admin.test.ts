// Owns the contract of the administration's commands: each verb of `openclaw gotify` that manages a server, on every server.
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { setIcon } from "../../src/admin/app-icon.ts";
import { createApp, deleteApps, listApps, updateApp } from "../../src/admin/apps.ts";
import { createClient, deleteClients, listClients, updateClient } from "../../src/admin/clients.ts";
import { clearMessages, deleteMessages } from "../../src/admin/message-delete.ts";
import { listMessages } from "../../src/admin/message-list.ts";
import { InterruptedError } from "../../src/admin/surroundings.ts";
import { tail } from "../../src/admin/tail.ts";
import { asObject, type JsonObject } from "../../src/gotify/parse.ts";
import { administration } from "../support/administration.ts";
import { waitFor } from "../support/wait.ts";
import { contract, type OwnedToken, type Site } from "./suite.ts";

/** The smallest PNG there is: one transparent pixel. */
const PIXEL = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==",
  "base64",
);
const JSON_ONLY = { json: true };
const YES = { json: true, yes: true };

async function setup(site: Site) {
  const own = await site.application();
  const other = await site.application();
  const reader = await site.client();
  const admin = administration({
    serverUrl: site.target.url,
    appToken: own.token,
    clientToken: reader.token,
  });
  const { run } = admin;
  /** For what Gotify 3 wants the password for. */
  const withPassword = { environment: { GOTIFY_PASS: site.admin.password } };
  const removed = (path: string): void =>
    site.onCleanUp(() => site.call("DELETE", path, { as: site.admin }));
  return { own, other, reader, ...admin, run, withPassword, removed };
}

/** One thing of a list in an answer, by its id. */
function entry(json: JsonObject, list: string, id: number): JsonObject | undefined {
  const items: unknown = json[list];
  return Array.isArray(items) ? items.map(asObject).find((item) => item?.["id"] === id) : undefined;
}

function ids(json: JsonObject): readonly unknown[] {
  const items: unknown = json["messages"];
  return Array.isArray(items) ? items.map((item) => asObject(item)?.["id"]) : [];
}

contract("openclaw gotify apps", (site) => {
  test("creates, lists, changes in what is named only, and deletes", async () => {
    const { run, withPassword, removed } = await setup(site);
    const name = `admin ${randomUUID().slice(0, 8)}`;
    const made = await run((at) =>
      createApp(
        name,
        { json: true, description: "d", defaultPriority: "high", showToken: true },
        at,
      ),
    );
    expect(made.json).toMatchObject({ ok: true, application: { name, description: "d" } });
    const id = Number(asObject(made.json["application"])?.["id"]);
    removed(`/application/${id}`);
    const probe = await site.call("POST", "/message", {
      as: { token: String(made.json["token"]) },
      json: { message: "with the token that was shown" },
    });
    expect(probe.status).toBe(200);
    const changed = await run((at) => updateApp(name, { json: true, description: "e" }, at));
    expect(changed.json).toMatchObject({
      application: { name, description: "e", defaultPriority: 8 },
    });
    const listed = await run((at) => listApps(JSON_ONLY, at));
    expect(entry(listed.json, "applications", id)).toMatchObject({
      name,
      description: "e",
      defaultPriority: 8,
      accounts: [],
    });
    expect(listed.out).not.toContain(String(made.json["token"]));
    const before = entry(listed.json, "applications", id);
    await run((at) => updateApp(String(id), { json: true, defaultPriority: "3" }, at));
    const then = await run((at) => listApps(JSON_ONLY, at));
    expect(entry(then.json, "applications", id)).toEqual({ ...before, defaultPriority: 3 });
    const people = await run((at) => listApps({}, at), { columns: 80 });
    expect(Math.max(...people.out.split("\n").map(({ length }) => length))).toBeLessThanOrEqual(80);

    // An application that posted lately may be the account's own on Gotify 3; this one is not.
    const forced = { ...YES, force: true };
    const refused = await run((at) => deleteApps([name], forced, at));
    expect([refused.code, refused.json["code"]]).toEqual(
      site.choose([0, undefined], [1, "GOTIFY_NOT_ELEVATED"]),
    );
    if (site.major === 3) await run((at) => deleteApps([name], forced, at), withPassword);
    const after = await run((at) => listApps(JSON_ONLY, at));
    expect(entry(after.json, "applications", id)).toBeUndefined();
  });

  test("sets an icon, takes it away, and says what is no picture", async () => {
    const { run, other } = await setup(site);
    const folder = mkdtempSync(join(tmpdir(), "gotify-icon-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const picture = join(folder, "pixel.png");
    const text = join(folder, "text.png");
    writeFileSync(picture, PIXEL);
    writeFileSync(text, "no picture");
    const app = String(other.id);
    expect((await run((at) => setIcon(app, text, {}, at))).err).toContain("for a picture");
    const set = await run((at) => setIcon(app, picture, JSON_ONLY, at));
    const imageUrl = asObject(set.json["application"])?.["imageUrl"];
    expect(imageUrl).toMatch(/\/image\/[^/]+\.png$/);
    const changed = await run((at) => updateApp(app, { json: true, description: "d" }, at));
    expect(changed.json).toMatchObject({ application: { description: "d", imageUrl } });
    expect((await run((at) => setIcon(app, undefined, { remove: true }, at))).code).toBe(0);
    const again = await run((at) => setIcon(app, undefined, { remove: true }, at));
    expect([again.code, again.err]).toEqual([1, expect.stringContaining("Nothing to take away")]);
  });

  test("does not delete what the account answers with, or may answer with", async () => {
    const { run, own, other } = await setup(site);
    const mine = await run((at) => deleteApps([String(own.id)], YES, at));
    expect(mine.json).toMatchObject({ ok: false, code: "GOTIFY_IN_USE" });
    const unused = await run((at) => deleteApps([String(other.id)], YES, at));
    expect([unused.code, unused.json["code"]]).toEqual(
      site.choose([0, undefined], [1, "GOTIFY_NOT_ELEVATED"]),
    );
  });
});

contract("openclaw gotify clients", (site) => {
  test("creates, lists, changes and deletes, but not the account's own", async () => {
    const { run, reader, withPassword, removed } = await setup(site);
    const name = `admin ${randomUUID().slice(0, 8)}`;
    const made = await run((at) => createClient(name, { json: true, showToken: true }, at));
    const id = Number(asObject(made.json["client"])?.["id"]);
    removed(`/client/${id}`);
    const as = { token: String(made.json["token"]) };
    expect((await site.call("GET", "/current/user", { as })).status).toBe(200);
    const renamed = `${name} 2`;
    const changed = await run((at) => updateClient(name, { json: true, name: renamed }, at));
    expect(changed.json).toMatchObject({ client: { id, name: renamed } });
    const expiring = await run((at) =>
      updateClient(renamed, { json: true, expiresAfter: "30d" }, at),
    );
    expect(expiring.code).toBe(site.choose(1, 0));
    const listed = await run((at) => listClients(JSON_ONLY, at));
    expect(entry(listed.json, "clients", id)).toMatchObject({
      name: renamed,
      expiresAfterInactivitySeconds: site.choose(0, 30 * 86_400),
    });
    expect(entry(listed.json, "clients", reader.id)).toMatchObject({ accounts: ["default"] });
    expect(listed.out).not.toContain(as.token);

    const own = await run((at) => deleteClients([String(reader.id)], YES, at), withPassword);
    expect(own.json).toMatchObject({ ok: false, code: "GOTIFY_IN_USE" });
    const done = await run((at) => deleteClients([renamed], YES, at), withPassword);
    expect(done.json).toEqual({ ok: true, account: "default", deleted: [id] });
    expect((await site.call("GET", "/current/user", { as })).status).toBe(401);
    const { json: left } = await run((at) => listClients(JSON_ONLY, at));
    expect(entry(left, "clients", reader.id)).not.toHaveProperty("elevatedUntil");
  });

  test("are their user's: another login deletes nothing, and says so", async (context) => {
    const user = await site.user(context);
    const app = await site.application({}, user);
    const client = await site.client({}, user);
    const [first, second] = [await site.client({}, user), await site.client({}, user)];
    const { run } = administration({
      serverUrl: site.target.url,
      appToken: app.token,
      clientToken: client.token,
    });
    const isLeft = async ({ id }: OwnedToken) =>
      entry((await run((at) => listClients(JSON_ONLY, at))).json, "clients", id) !== undefined;
    const { name: GOTIFY_USER, password: GOTIFY_PASS } = site.admin;
    // Gotify 2 asks for no login.
    const foreign = await run((at) => deleteClients([String(first.id)], YES, at), {
      environment: { GOTIFY_USER, GOTIFY_PASS },
    });
    expect([foreign.code, foreign.json["code"], await isLeft(first)]).toEqual(
      site.choose([0, undefined, false], [1, "GOTIFY_UNAUTHORIZED", true]),
    );
    const own = await run((at) => deleteClients([String(second.id)], YES, at), {
      environment: { GOTIFY_PASS: user.password },
    });
    expect([own.code, await isLeft(second)]).toEqual([0, false]);
  });

  test("of one server under two addresses are both kept", async (context) => {
    const { port, hostname, protocol } = new URL(site.target.url);
    if (hostname !== "127.0.0.1") return context.skip("The server has one address.");
    const [one, two] = [await site.application(), await site.application()];
    const [reader, other] = [await site.client(), await site.client()];
    const account = (app: OwnedToken, client: OwnedToken, serverUrl: string) => ({
      serverUrl,
      appToken: app.token,
      clientToken: client.token,
    });
    const { run } = administration({
      accounts: {
        one: account(one, reader, site.target.url),
        two: account(two, other, `${protocol}//localhost:${port}`),
      },
      defaultAccount: "one",
    });
    const inUse = { ok: false, code: "GOTIFY_IN_USE" };
    const client = await run((at) => deleteClients([String(other.id)], YES, at));
    expect(client.json).toMatchObject(inUse);
    const app = await run((at) => deleteApps([String(two.id)], YES, at));
    expect(app.json).toMatchObject(inUse);
  });
});

contract("openclaw gotify messages", (site) => {
  async function posted(app: OwnedToken, ...texts: string[]): Promise<readonly number[]> {
    const all: number[] = [];
    for (const message of texts) all.push((await site.post(app, { message })).id);
    return all;
  }

  test("lists page by page, by application, expression and beginning", async () => {
    const { run, own, other } = await setup(site);
    const [a, b, c] = await posted(own, "disk is FULL", "nothing", "nothing");
    const [d] = await posted(other, "disk of another");
    const list = async (options: object) => {
      const app = String(own.id);
      return (await run((at) => listMessages({ app, ...JSON_ONLY, ...options }, at))).json;
    };
    expect(ids(await list({}))).toEqual([c, b, a]);
    const first = await list({ limit: "2" });
    expect([ids(first), first["next"]]).toEqual([[c, b], b]);
    expect(ids(await list({ before: String(b) }))).toEqual([a]);
    expect(ids(await list({ grep: "full" }))).toEqual([a]);
    expect(ids(await list({ since: String(b) }))).toEqual([c]);
    expect(ids(await list({ since: "1d", all: true }))).toEqual([c, b, a]);
    const everywhere = (await run((at) => listMessages({ ...JSON_ONLY, limit: "100" }, at))).json;
    expect(ids(everywhere)).toEqual(expect.arrayContaining([a, b, c, d]));
    const { code, json } = await run((at) => listMessages({ app: "999999", ...JSON_ONLY }, at));
    expect([code, json["code"]]).toEqual([1, "GOTIFY_NOT_FOUND"]);
  });

  test("deletes some by their ids, none when one is missing, and all of an application", async () => {
    const { run, own, other } = await setup(site);
    const [a, b, c] = (await posted(own, "a", "b", "c")).map(String);
    const kept = await posted(other, "kept");
    const left = async (app: OwnedToken) =>
      ids((await run((at) => listMessages({ app: String(app.id), ...JSON_ONLY }, at))).json);
    const missing = await run((at) => deleteMessages([a ?? "", "999999999"], YES, at));
    expect([missing.code, await left(own)]).toEqual([1, [Number(c), Number(b), Number(a)]]);
    const some = await run((at) => deleteMessages([a ?? "", c ?? ""], YES, at));
    expect([some.code, await left(own)]).toEqual([0, [Number(b)]]);
    const all = await run((at) => clearMessages({ app: String(own.id), ...YES }, at));
    expect([all.code, await left(own), await left(other)]).toEqual([0, [], kept]);
  });

  test("clears every application of the user", async (context) => {
    const user = await site.user(context);
    const app = await site.application({}, user);
    const client = await site.client({}, user);
    await site.post(app);
    const { run } = administration({
      serverUrl: site.target.url,
      appToken: app.token,
      clientToken: client.token,
    });
    expect((await run((at) => clearMessages({ allApps: true, ...YES }, at))).code).toBe(0);
    expect(ids((await run((at) => listMessages(JSON_ONLY, at))).json)).toEqual([]);
  });
});

contract("openclaw gotify tail", (site) => {
  test("prints what is posted, of one application and from a priority on, until it is stopped", async () => {
    const { run, own, other, notes, said } = await setup(site);
    const stop = new AbortController();
    const options = { json: true, app: String(other.id), minPriority: "5" };
    const ended = run((at) => tail(options, at), { interruptible: (work) => work(stop.signal) });
    await waitFor("the stream", () => notes.length > 0);
    await site.post(own, { message: "of another", priority: 9 });
    await site.post(other, { message: "quiet", priority: 1 });
    await site.post(other, { message: "loud", priority: 5 });
    await waitFor("the message", () => said().includes("\n"));
    stop.abort(new InterruptedError());
    const { code, json } = await ended;
    expect([code, json]).toMatchObject([0, { message: "loud", application: other.id }]);
  });
});
