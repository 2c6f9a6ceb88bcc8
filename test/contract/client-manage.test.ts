// Owns the contract of the library's managing calls: history, applications, clients, bootstrap, on every server.
import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { GotifyClient } from "../../src/gotify/client.ts";
import type { GotifyMessage } from "../../src/gotify/message.ts";
import { contract, type Site } from "./suite.ts";

/** The smallest PNG there is: one transparent pixel. */
const PIXEL = Uint8Array.from(
  Buffer.from(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==",
    "base64",
  ),
);

async function setup(site: Site) {
  const application = await site.application();
  const token = await site.client();
  const client = new GotifyClient({
    serverUrl: site.target.url,
    appToken: application.token,
    clientToken: token.token,
  });
  const login = { user: site.admin.name, password: site.admin.password };
  return { application, token, client, login };
}

async function readAll(pages: AsyncIterable<{ messages: readonly GotifyMessage[] }>) {
  const sizes: number[] = [];
  const ids: number[] = [];
  for await (const { messages } of pages) {
    sizes.push(messages.length);
    ids.push(...messages.map(({ id }) => id));
  }
  return { sizes, ids };
}

async function codeOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => "no error",
    (error: unknown) => (error instanceof Error && "code" in error ? error.code : error),
  );
}

contract("the client library's history", (site) => {
  test("is read to its end, to a bound, and on from where it stopped", async () => {
    const { client, application } = await setup(site);
    const posted: number[] = [];
    for (let n = 0; n < 7; n += 1) posted.push((await client.sendMessage({ message: `${n}` })).id);
    const newestFirst = posted.toReversed();
    const appId = application.id;
    expect(await readAll(client.readPages({ appId, pageSize: 3 }))).toEqual({
      sizes: [3, 3, 1],
      ids: newestFirst,
    });
    expect((await readAll(client.readPages({ appId }))).ids).toEqual(newestFirst);
    const bounded = await readAll(client.readPages({ appId, pageSize: 3, maxMessages: 4 }));
    expect(bounded).toEqual({ sizes: [3, 1], ids: newestFirst.slice(0, 4) });
    const since = bounded.ids.at(-1) ?? 0;
    expect((await readAll(client.readPages({ appId, since }))).ids).toEqual(newestFirst.slice(4));
    expect((await readAll(client.readPages({ maxMessages: 0 }))).ids).toEqual([]);
  });

  test("is not shifted by what is posted and deleted while it is read", async () => {
    const { client, application } = await setup(site);
    const posted: number[] = [];
    for (let n = 0; n < 4; n += 1) posted.push((await client.sendMessage({ message: `${n}` })).id);
    const ids: number[] = [];
    for await (const { messages } of client.readPages({ appId: application.id, pageSize: 2 })) {
      ids.push(...messages.map(({ id }) => id));
      await client.sendMessage({ message: "meanwhile" });
      const cursor = messages.at(-1)?.id;
      if (cursor !== undefined) await client.deleteMessage(cursor);
    }
    expect(ids).toEqual(posted.toReversed());
  });

  test("of one application is deleted in one call, and only that", async () => {
    const { client, application } = await setup(site);
    const neighbour = await site.application();
    const kept = await site.post(neighbour);
    await client.sendMessage({ message: "x" });
    await client.deleteApplicationMessages(application.id);
    expect((await client.listMessages({ appId: application.id })).messages).toEqual([]);
    const left = await client.listMessages({ appId: neighbour.id });
    expect(left.messages.map(({ id }) => id)).toEqual([kept.id]);
  });

  test("of a whole user is deleted in one call", async (context) => {
    const user = await site.user(context);
    const app = await site.application({}, user);
    const { token } = await site.client({}, user);
    await site.post(app);
    const client = new GotifyClient({ serverUrl: site.target.url, clientToken: token });
    await client.deleteAllMessages();
    expect((await client.listMessages()).messages).toEqual([]);
  });
});

contract("the client library's applications", (site) => {
  test("are created, changed in what is named only, and deleted", async () => {
    const { client, login } = await setup(site);
    const name = `app ${randomUUID()}`;
    const { application, token } = await client.createApplication({
      name,
      description: "a description",
      defaultPriority: 4,
    });
    expect(application).toMatchObject({ name, description: "a description", defaultPriority: 4 });
    const poster = new GotifyClient({ serverUrl: site.target.url, appToken: token });
    expect((await poster.sendMessage({ message: "x" })).priority).toBe(4);

    expect(
      await client.updateApplication(application.id, { description: "another" }),
    ).toMatchObject({
      name,
      description: "another",
      defaultPriority: 4,
      sortKey: application.sortKey,
    });
    await client.updateApplication(application.id, { name: `${name} 2` });
    const listed = (await client.listApplications()).find(({ id }) => id === application.id);
    expect(listed).toMatchObject({ name: `${name} 2`, description: "another", defaultPriority: 4 });
    expect((await poster.probeAppToken()).status).toBe("valid");

    await client.deleteApplication(application.id, { login });
    expect(await codeOf(client.updateApplication(application.id, { name }))).toBe(
      "GOTIFY_NOT_FOUND",
    );
    expect((await poster.probeAppToken()).status).toBe("invalid");
  });

  test("are deleted with a token alone only by Gotify 2, which knows no elevation", async () => {
    const { client } = await setup(site);
    const { id } = await site.application();
    expect(await codeOf(client.deleteApplication(id))).toBe(
      site.choose("no error", "GOTIFY_FORBIDDEN"),
    );
  });

  test("get an icon and lose it again", async () => {
    const { client, application } = await setup(site);
    const { id } = application;
    const withIcon = await client.uploadApplicationImage(id, { data: PIXEL, fileName: "icon.png" });
    const icon = await fetch(withIcon.imageUrl ?? "");
    expect(new Uint8Array(await icon.arrayBuffer())).toEqual(PIXEL);
    const without = await client.deleteApplicationImage(id);
    expect(without.imageUrl).not.toBe(withIcon.imageUrl);
    expect((await fetch(withIcon.imageUrl ?? "")).status).toBe(404);
    const text = new TextEncoder().encode("no picture");
    expect(
      await codeOf(client.uploadApplicationImage(id, { data: text, fileName: "icon.png" })),
    ).toBe("GOTIFY_REFUSED");
    expect(
      await codeOf(client.uploadApplicationImage(id, { data: PIXEL, fileName: "icon.svg" })),
    ).toBe("GOTIFY_CONFIG");
  });

  test("get a new token where Gotify can, and the old one is void at once", async () => {
    const { client, application, login } = await setup(site);
    const outcome = await client.rotateApplicationToken(application.id, { login }).then(
      async (token) => {
        const rotated = new GotifyClient({ serverUrl: site.target.url, appToken: token });
        return [(await rotated.probeAppToken()).status, (await client.probeAppToken()).status];
      },
      (error: unknown) => codeOf(Promise.reject(error)),
    );
    expect(outcome).toEqual(site.choose<unknown>("GOTIFY_NOT_FOUND", ["valid", "invalid"]));
  });
});

contract("the client library's clients", (site) => {
  test("are created, changed in what is named only, and deleted", async () => {
    const { client, login } = await setup(site);
    const name = `client ${randomUUID()}`;
    const created = await client.createClient({ name, expiresAfterInactivitySeconds: 86_400 });
    const seconds = site.choose(0, 86_400);
    expect(created.client).toMatchObject({ name, expiresAfterInactivitySeconds: seconds });
    const { id } = created.client;
    const renamed = await client.updateClient(id, { name: `${name} 2` });
    expect(renamed).toMatchObject({ name: `${name} 2`, expiresAfterInactivitySeconds: seconds });
    const lasting = await client.updateClient(id, { expiresAfterInactivitySeconds: 0 });
    expect(lasting).toMatchObject({ name: `${name} 2`, expiresAfterInactivitySeconds: 0 });

    const other = new GotifyClient({ serverUrl: site.target.url, clientToken: created.token });
    expect((await other.currentUser()).name).toBe(site.admin.name);
    await client.deleteClient(id, { login });
    expect(await codeOf(other.currentUser())).toBe("GOTIFY_UNAUTHORIZED");
    expect((await client.listClients()).map((entry) => entry.id)).not.toContain(id);
  });

  test("are elevated for a while where Gotify knows elevation", async () => {
    const { client, token, login } = await setup(site);
    expect(await codeOf(client.elevateClient(token.id, 60, { login }))).toBe(
      site.choose("GOTIFY_NOT_FOUND", "no error"),
    );
    const { id } = await site.application();
    expect(await codeOf(client.deleteApplication(id))).toBe("no error");
  });
});

contract("the client library's bootstrap", (site) => {
  test("makes one client and one application, and finds the application again", async () => {
    const { client: operator, login } = await setup(site);
    const visitor = new GotifyClient({ serverUrl: site.target.url });
    const request = {
      login,
      clientName: "bootstrap",
      applicationName: `bootstrap ${randomUUID()}`,
    };
    const first = await visitor.bootstrap(request);
    const { application } = first;
    site.onCleanUp(() => operator.deleteApplication(application.id, { login }));
    site.onCleanUp(() => operator.deleteClient(first.client.id, { login }));
    expect(first).toMatchObject({ reusedApplication: false, application: { defaultPriority: 5 } });
    const bridge = new GotifyClient({
      serverUrl: site.target.url,
      appToken: first.appToken,
      clientToken: first.clientToken,
    });
    expect((await bridge.probeAppToken()).status).toBe("valid");
    expect((await bridge.probeClientToken()).status).toBe("valid");

    const second = await visitor.bootstrap(request);
    site.onCleanUp(() => operator.deleteClient(second.client.id, { login }));
    expect(second).toMatchObject({
      reusedApplication: true,
      appToken: site.choose(first.appToken, undefined),
    });
    expect(second.application.id).toBe(application.id);
    const names = (await operator.listApplications()).map(({ name }) => name);
    expect(names.filter((name) => name === request.applicationName)).toHaveLength(1);
  });

  test("leaves nothing behind when it fails half way", async () => {
    const { client: operator, login } = await setup(site);
    const applicationName = `twice ${randomUUID()}`;
    await site.application({ name: applicationName });
    await site.application({ name: applicationName });
    const clientName = `half way ${randomUUID()}`;
    const visitor = new GotifyClient({ serverUrl: site.target.url });
    expect(await codeOf(visitor.bootstrap({ login, clientName, applicationName }))).toBe(
      "GOTIFY_CONFIG",
    );
    expect((await operator.listClients()).map(({ name }) => name)).not.toContain(clientName);
  });

  test("names a wrong password", async () => {
    const visitor = new GotifyClient({ serverUrl: site.target.url });
    const login = { user: site.admin.name, password: "wrong" };
    const work = visitor.bootstrap({ login, clientName: "x", applicationName: "y" });
    await expect(work).rejects.toThrow(/user name and password \(401\)/);
  });
});
