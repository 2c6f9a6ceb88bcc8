// Owns the contract from the client library's side: every call of it, on every server the facts are checked on.
import { expect, test, vi } from "vitest";
import { GotifyClient, type GotifyClientOptions } from "../../src/gotify/client.ts";
import { GotifyHttpError, isGotifyError } from "../../src/gotify/errors.ts";
import type { GotifyMessage } from "../../src/gotify/message.ts";
import type { GotifyStreamOptions } from "../../src/gotify/stream-options.ts";
import { contract, type Site } from "./suite.ts";

const TWO_SECONDS_MS = 2_000;

/** An application and a client of the test's own, and the library with both tokens. */
async function setup(site: Site, options: Partial<GotifyClientOptions> = {}) {
  const application = await site.application();
  const token = await site.client();
  const client = new GotifyClient({
    serverUrl: site.target.url,
    appToken: application.token,
    clientToken: token.token,
    ...options,
  });
  return { application, token, client };
}

async function openStream(
  site: Site,
  client: GotifyClient,
  options: Partial<GotifyStreamOptions> = {},
) {
  const frames: GotifyMessage[] = [];
  const stream = await client.openStream({
    onMessage: (message) => frames.push(message),
    ...options,
  });
  site.onCleanUp(() => stream.close());
  return { stream, frames };
}

async function failure(work: Promise<unknown>): Promise<Error> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof Error) return error;
  throw new Error("expected a rejection");
}

contract("the client library", (site) => {
  test("knows server, version, edition and user", async () => {
    const { client, token } = await setup(site);
    expect(await client.health()).toEqual({ ok: true, health: "green", database: "green" });
    expect((await client.version()).version).not.toBe("");
    const info = await client.info();
    expect(info === undefined).toBe(site.major === 2);
    const user = await client.currentUser();
    expect(user.name).toBe(site.admin.name);
    expect(user.clientId).toBe(site.choose(undefined, token.id));
  });

  test("posts, and finds the message again in list and stream, field by field", async () => {
    const { client, application } = await setup(site);
    const { frames } = await openStream(site, client);
    // MySQL with a character set of three bytes stores no emoji in texts; in extras it does.
    const rocket = site.database === "mysql-utf8mb3" ? "" : " 🚀";
    const draft = {
      message: `Grüße${rocket}\nsecond line`,
      title: "a title",
      priority: 7,
      extras: { "openclaw::test": { text: "ä", list: [1, 2.5, null], nested: { on: true } } },
    };
    const stored = await client.sendMessage(draft);
    expect(stored).toMatchObject({ ...draft, appId: application.id });
    const { messages, unreadable, servedAt } = await client.listMessages({ appId: application.id });
    const [listed] = messages;
    await vi.waitFor(() => expect(frames.map(({ id }) => id)).toContain(stored.id));
    const framed = frames.find(({ id }) => id === stored.id);
    for (const copy of [listed, framed]) {
      expect({ ...copy, date: undefined }).toEqual({ ...stored, date: undefined });
      const distance = (copy?.date?.getTime() ?? Number.NaN) - (stored.date?.getTime() ?? 0);
      expect(Math.abs(distance)).toBeLessThan(TWO_SECONDS_MS);
    }
    expect(unreadable).toBe(0);
    expect(servedAt).toBeInstanceOf(Date);
  });

  test("fills in what a plain push leaves out", async () => {
    const { client, application } = await setup(site);
    const stored = await client.sendMessage({ message: "x", title: " " });
    expect(stored).toMatchObject({ title: application.name, priority: 0, extras: {} });
  });

  test("pages backwards to the end, whatever the size of a page", async () => {
    const { client, application } = await setup(site);
    const ids: number[] = [];
    for (let n = 0; n < 5; n += 1) ids.push((await client.sendMessage({ message: `${n}` })).id);
    const seen: number[] = [];
    let since: number | undefined;
    do {
      const page = await client.listMessages({
        appId: application.id,
        limit: 2,
        ...(since === undefined ? {} : { since }),
      });
      seen.push(...page.messages.map(({ id }) => id));
      since = page.next;
    } while (since !== undefined);
    expect(seen).toEqual(ids.toReversed());
    const exact = await client.listMessages({ appId: application.id, limit: 5 });
    expect(exact.next).toBeUndefined();
    expect(await client.listMessages({ appId: application.id, since: ids[0] ?? 0 })).toMatchObject({
      messages: [],
      next: undefined,
    });
  });

  test("deletes one message, once", async () => {
    const { client, application } = await setup(site);
    const { id } = await client.sendMessage({ message: "x" });
    await client.deleteMessage(id);
    expect((await client.listMessages({ appId: application.id })).messages).toEqual([]);
    expect(await failure(client.deleteMessage(id))).toMatchObject({
      code: "GOTIFY_NOT_FOUND",
      status: 404,
    });
  });

  test("lists applications, without their tokens", async () => {
    const { client, application } = await setup(site);
    const found = (await client.listApplications()).find(({ id }) => id === application.id);
    expect(found).toMatchObject({ name: application.name, internal: false, defaultPriority: 0 });
    expect(found?.createdAt instanceof Date).toBe(site.major === 3);
    expect(JSON.stringify(found)).not.toContain(application.token);
  });

  test("posts with a client token where Gotify lets it, and says what is missing where it does not", async () => {
    const { application, token } = await setup(site);
    const client = new GotifyClient({ serverUrl: site.target.url, clientToken: token.token });
    const outcome = await client.sendMessage({ message: "x", appId: application.id }).then(
      ({ appId }) => appId,
      (error: unknown) => isGotifyError(error) && error.code,
    );
    expect(outcome).toBe(site.choose<unknown>("GOTIFY_UNAUTHORIZED", application.id));
  });

  test("tells both kinds of token apart, and from unknown ones, without leaving a trace", async () => {
    const { client, application, token } = await setup(site);
    expect(await client.probeAppToken()).toEqual({ status: "valid" });
    expect(await client.probeClientToken()).toMatchObject({
      status: "valid",
      user: { name: site.admin.name },
    });
    const swapped = (await setup(site, { appToken: token.token, clientToken: application.token }))
      .client;
    expect((await swapped.probeAppToken()).status).toBe("wrong-kind");
    expect((await swapped.probeClientToken()).status).toBe("wrong-kind");
    for (const unknown of ["Aunknown", "gtfya.unknown", "C".repeat(200), "x"]) {
      const stranger = (await setup(site, { appToken: unknown, clientToken: unknown })).client;
      expect((await stranger.probeAppToken()).status).toBe("invalid");
      expect((await stranger.probeClientToken()).status).toBe("invalid");
    }
    expect((await client.listMessages({ appId: application.id })).messages).toEqual([]);
  });

  test("gives every refusal a code and a text without the token", async () => {
    const { client, application, token } = await setup(site);
    const wrong = (await setup(site, { appToken: "Ageheim", clientToken: "Cgeheim" })).client;
    const elsewhere = (await setup(site, { serverUrl: `${site.target.url}/nowhere` })).client;
    const failures: [() => Promise<unknown>, string][] = [
      [() => wrong.sendMessage({ message: "x" }), "GOTIFY_UNAUTHORIZED"],
      [() => wrong.currentUser(), "GOTIFY_UNAUTHORIZED"],
      [() => wrong.openStream({ onMessage: () => {} }), "GOTIFY_UNAUTHORIZED"],
      [() => client.listMessages({ limit: 0 }), "GOTIFY_REFUSED"],
      [() => client.listMessages({ limit: 201 }), "GOTIFY_REFUSED"],
      [() => client.listMessages({ appId: 999_999_999 }), "GOTIFY_NOT_FOUND"],
      [() => elsewhere.health(), "GOTIFY_NOT_FOUND"],
      [() => elsewhere.openStream({ onMessage: () => {} }), "GOTIFY_NOT_FOUND"],
    ];
    for (const [work, code] of failures) {
      const error = await failure(work());
      expect(isGotifyError(error) && error.code, error.message).toBe(code);
      expect(error).toBeInstanceOf(GotifyHttpError);
      for (const secret of ["geheim", application.token, token.token]) {
        expect(error.message).not.toContain(secret);
      }
    }
  });

  test("hears nothing of the past and everything from the opening on", async () => {
    const { client } = await setup(site);
    await client.sendMessage({ message: "before" });
    const { frames } = await openStream(site, client);
    const after: number[] = [];
    for (let n = 0; n < 20; n += 1) after.push((await client.sendMessage({ message: `${n}` })).id);
    await vi.waitFor(() =>
      expect(frames.map(({ id }) => id).filter((id) => after.includes(id))).toEqual(after),
    );
    expect(frames.map(({ message }) => message)).not.toContain("before");
  });

  test("keeps its stream by answering pings and sending its own", async (context) => {
    const periodMs = site.target.pingPeriodMs ?? 0;
    context.skip(periodMs === 0, "this server's ping period is not known");
    const { client } = await setup(site);
    const { stream, frames } = await openStream(site, client, { pingIntervalMs: periodMs / 4 });
    const closed = vi.fn<() => void>();
    void stream.closed.then(closed);
    const until = Date.now() + 3 * periodMs;
    await vi.waitUntil(() => Date.now() > until, {
      timeout: 10 * periodMs,
      interval: periodMs / 4,
    });
    expect(closed).not.toHaveBeenCalled();
    const { id } = await client.sendMessage({ message: "still here" });
    await vi.waitFor(() => expect(frames.map((frame) => frame.id)).toContain(id));
  });

  test("learns of a deleted token by a lost stream and a 401", async () => {
    const { client, token } = await setup(site);
    const { stream } = await openStream(site, client);
    const removal = await site.call("DELETE", `/client/${token.id}`, { as: site.admin });
    expect(removal.status).toBe(200);
    expect(await stream.closed).toMatchObject({ reason: "lost", code: 1006 });
    expect(await failure(client.currentUser())).toMatchObject({ code: "GOTIFY_UNAUTHORIZED" });
  });

  test("closes a stream with a close frame that the server answers", async () => {
    const { client } = await setup(site);
    const { stream } = await openStream(site, client);
    await stream.close();
    expect(await stream.closed).toEqual({ reason: "closed", code: 1000, error: undefined });
  });
});
