import { describe, expect, test } from "vitest";
import { sendJson, startLocalServer } from "../../test/support/local-server.ts";
import { GotifyClient } from "./index.ts";

const matching = (pattern: RegExp): unknown => expect.stringMatching(pattern);

/** A server with one application and one client, number 5, as given; it answers a PUT with what it got. */
async function serverWith(item: Readonly<Record<string, unknown>>) {
  const server = await startLocalServer(({ method, body }, response) => {
    const sent: unknown = method === "PUT" ? JSON.parse(body) : {};
    sendJson(response, 200, method === "GET" ? [item] : Object.assign({ ...item }, sent));
  });
  const client = new GotifyClient({ serverUrl: server.url, clientToken: "Ctoken" });
  const sent = (): unknown[] =>
    server.requests
      .filter(({ method }) => method === "PUT")
      .map(({ body }): unknown => JSON.parse(body));
  return { client, sent, requests: server.requests };
}

const whole = { id: 5, name: "backup", description: "nightly", defaultPriority: 4 };

describe("a change of an application", () => {
  test("repeats what it does not name, because Gotify replaces everything", async () => {
    const { client, sent } = await serverWith({ ...whole, sortKey: "a1" });
    await client.updateApplication(5, { description: "" });
    await client.updateApplication(5, { defaultPriority: 0 });
    await client.updateApplication(5, { sortKey: "a2" });
    expect(sent()).toEqual([
      { name: "backup", description: "", defaultPriority: 4 },
      { name: "backup", description: "nightly", defaultPriority: 0 },
      { name: "backup", description: "nightly", defaultPriority: 4, sortKey: "a2" },
    ]);
  });

  test("keeps a name of blanks, which Gotify takes", async () => {
    const { client, sent } = await serverWith({ ...whole, name: " " });
    await client.updateApplication(5, { description: "x" });
    expect(sent()).toEqual([{ name: " ", description: "x", defaultPriority: 4 }]);
  });

  const without = (key: keyof typeof whole): object =>
    Object.fromEntries(Object.entries(whole).filter(([name]) => name !== key));

  test.each<[string, object, object]>([
    ["name", { ...whole, name: "" }, { description: "x" }],
    ["name", { ...whole, name: 7 }, { description: "x" }],
    ["name", without("name"), { description: "x" }],
    ["description", { ...whole, description: null }, { name: "x" }],
    ["description", without("description"), { name: "x" }],
    ["defaultPriority", { ...whole, defaultPriority: "4" }, { name: "x" }],
    ["defaultPriority", { ...whole, defaultPriority: null }, { name: "x" }],
    // Gotify counts in 64 bits; here such a number is no longer exact.
    ["defaultPriority", { ...whole, defaultPriority: 2 ** 53 }, { name: "x" }],
  ])("never resets a %s that cannot be kept: %j", async (setting, item, changes) => {
    const { client, sent } = await serverWith({ ...item });
    await expect(client.updateApplication(5, changes)).rejects.toMatchObject({
      code: "GOTIFY_CONFIG",
      message: matching(
        new RegExp(
          `^Nothing was changed: .*no ${setting} for application 5.*Pass ${setting} along`,
        ),
      ),
    });
    expect(sent()).toEqual([]);
    const remedy = { name: "new", description: "new", defaultPriority: 1 };
    await client.updateApplication(5, remedy);
    expect(sent()).toEqual([remedy]);
  });

  test("asks for no default priority where there is none: before Gotify 2.3", async () => {
    const { client, sent } = await serverWith({ ...without("defaultPriority") });
    await client.updateApplication(5, { name: "x" });
    await client.updateApplication(5, { name: "x", defaultPriority: 3 });
    expect(sent()).toEqual([
      { name: "x", description: "nightly" },
      { name: "x", description: "nightly", defaultPriority: 3 },
    ]);
  });

  test("checks what it is given before it asks anything", async () => {
    const { client, requests } = await serverWith(whole);
    await expect(client.updateApplication(5, { name: " " })).rejects.toThrow(/needs a name/);
    await expect(client.updateApplication(5, { defaultPriority: 1.5 })).rejects.toThrow(/whole/);
    expect(requests).toEqual([]);
    await expect(client.updateApplication(6, { name: "x" })).rejects.toMatchObject({
      code: "GOTIFY_NOT_FOUND",
      status: 404,
    });
  });
});

describe("a change of a client", () => {
  test("repeats its name, of blanks as well", async () => {
    for (const name of ["phone", " "]) {
      const { client, sent } = await serverWith({ id: 5, name });
      await client.updateClient(5, { expiresAfterInactivitySeconds: 60 });
      expect(sent()).toEqual([{ name, expiresAfterInactivitySeconds: 60 }]);
    }
  });

  test.each([{ id: 5, name: "" }, { id: 5 }])(
    "asks for a name where there is none: %j",
    async (item) => {
      const { client, sent } = await serverWith(item);
      const change = client.updateClient(5, { expiresAfterInactivitySeconds: 60 });
      await expect(change).rejects.toMatchObject({
        code: "GOTIFY_CONFIG",
        message: matching(/no name for client 5.*Pass name along/),
      });
      expect(sent()).toEqual([]);
    },
  );

  test.each([-1, 1.5, Number.NaN, Infinity])(
    "refuses to expire after %d seconds",
    async (seconds) => {
      const { client, requests } = await serverWith({ id: 5, name: "phone" });
      const settings = { name: "x", expiresAfterInactivitySeconds: seconds };
      await expect(client.updateClient(5, settings)).rejects.toThrow(/whole number of seconds/);
      await expect(client.createClient(settings)).rejects.toThrow(/whole number of seconds/);
      await expect(client.createClient({ name: " " })).rejects.toThrow(/needs a name/);
      expect(requests).toEqual([]);
    },
  );
});

describe("the token of an application that is there already", () => {
  test("is shown by Gotify 2, and hidden by Gotify 3", async () => {
    const two = await serverWith({ ...whole, token: "Atoken" });
    expect(await two.client.findApplicationToken(5)).toBe("Atoken");
    for (const hidden of [{}, { token: "" }]) {
      const three = await serverWith({ ...whole, ...hidden });
      expect(await three.client.findApplicationToken(5)).toBeUndefined();
    }
    await expect(two.client.findApplicationToken(6)).rejects.toMatchObject({ status: 404 });
  });
});

test("a bootstrap that cannot work makes nothing", async () => {
  const { client, requests } = await serverWith(whole);
  const login = { user: "admin", password: "geheim" };
  const names = { clientName: "c", applicationName: "a" };
  for (const wrong of [
    { ...names, login, applicationName: " " },
    { ...names, login, clientName: "" },
    { ...names, login, defaultPriority: 1.5 },
    { ...names, login: { user: "a:b", password: "x" } },
  ]) {
    await expect(client.bootstrap(wrong)).rejects.toMatchObject({ code: "GOTIFY_CONFIG" });
  }
  expect(requests).toEqual([]);
});
