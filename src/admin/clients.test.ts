import { describe, expect, onTestFinished, test } from "vitest";
import { startEmulator, type Personality } from "../../test/emulator/index.ts";
import { administration } from "../../test/support/administration.ts";
import { createClient, deleteClients, listClients, updateClient } from "./clients.ts";

const YES = { yes: true, json: true };
const DAY_S = 86_400;

async function setup(personality: Personality) {
  const emulator = await startEmulator({ personality });
  onTestFinished(() => emulator.stop());
  const own = emulator.createApplication("OpenClaw");
  const reader = emulator.createClient("OpenClaw");
  const phone = emulator.createClient("Phone");
  const second = emulator.createClient("Second account");
  const account = { serverUrl: emulator.url, appToken: own.token, clientToken: reader.token };
  const names = (): readonly string[] => emulator.store.clients().map(({ name }) => name);
  const accounts = { second: { clientToken: second.token } };
  const login = { environment: { GOTIFY_PASS: "admin" } };
  return {
    emulator,
    reader,
    phone,
    second,
    names,
    login,
    ...administration({ ...account, accounts }),
  };
}

describe.each<Personality>(["v2", "v3"])("clients on Gotify %s", (personality) => {
  test("are listed with the accounts that receive with them, without tokens", async () => {
    const { reader, phone, second, run } = await setup(personality);
    const { json, out } = await run((at) => listClients({ json: true }, at));
    expect(json).toMatchObject({
      ok: true,
      clients: [
        { id: reader.id, name: "OpenClaw", accounts: ["default"] },
        { id: phone.id, name: "Phone", accounts: [] },
        { id: second.id, accounts: ["second"] },
      ],
    });
    for (const { token } of [reader, phone, second]) expect(out).not.toContain(token);
    const people = await run((at) => listClients({}, at), { columns: 80 });
    expect(people.out).toMatch(/ID +NAME +.*\n +1 +OpenClaw .*account default\n +2 +Phone\n/);
  });

  test("are created, and the token is shown when it is asked for", async () => {
    const { run } = await setup(personality);
    const quiet = await run((at) => createClient("Watch", {}, at));
    expect(quiet.out).toMatch(
      /^Created client 4 \(Watch\)\. Its token is shown with --show-token only/,
    );
    const { json } = await run((at) => createClient("TV", { json: true, showToken: true }, at));
    expect(json["token"]).toMatch(personality === "v2" ? /^C/ : /^gtfyc\./);
  });

  test("are renamed, and nothing else of them changes", async () => {
    const { emulator, run, names } = await setup(personality);
    emulator.createClient("TV", { expiresAfterInactivitySeconds: 3 * DAY_S });
    const { json } = await run((at) => updateClient("TV", { name: "Screen", json: true }, at));
    expect(json).toMatchObject({
      ok: true,
      client: {
        name: "Screen",
        expiresAfterInactivitySeconds: personality === "v2" ? 0 : 3 * DAY_S,
      },
    });
    expect(names()).toContain("Screen");
  });

  test("are deleted, but for those that accounts receive with, unless it is forced", async () => {
    const { run, names, login } = await setup(personality);
    for (const [name, account] of [
      ["OpenClaw", "default"],
      ["Second account", "second"],
    ] as const) {
      const refused = await run((at) => deleteClients(["Phone", name], YES, at), login);
      expect(refused.json).toMatchObject({ ok: false, code: "GOTIFY_IN_USE" });
      expect(refused.json["error"]).toContain(`in account ${account}: `);
    }
    expect(names()).toEqual(["OpenClaw", "Phone", "Second account"]);
    const done = await run((at) => deleteClients(["Phone"], YES, at), login);
    expect([done.code, names()]).toEqual([0, ["OpenClaw", "Second account"]]);
    // Its own token does it, so it goes last.
    const all = { ...YES, force: true };
    const forced = await run((at) => deleteClients(["OpenClaw", "Second account"], all, at), login);
    expect([forced.code, names()]).toEqual([0, []]);
  });
});

test("a client expires without use on Gotify 3, and Gotify 2 says that it has no such thing", async () => {
  const { run } = await setup("v3");
  const update = (expiresAfter: string) =>
    run((at) => updateClient("Phone", { expiresAfter, json: true }, at));
  expect((await update("30d")).json).toMatchObject({
    client: { name: "Phone", expiresAfterInactivitySeconds: 30 * DAY_S },
  });
  expect((await run((at) => listClients({}, at))).out).toContain("30 d unused");
  expect((await update("never")).json).toMatchObject({
    client: { expiresAfterInactivitySeconds: 0 },
  });
  for (const bad of ["soon", "9m", "1s", "20000w", "3651d"]) {
    expect((await update(bad)).json["error"]).toContain(`not "${bad}"`);
  }
  const old = await setup("v2");
  const expiring = { expiresAfter: "30d", json: true };
  const refused = [
    await old.run((at) => updateClient("Phone", { ...expiring, name: "Half" }, at)),
    await old.run((at) => createClient("Watch", expiring, at)),
  ];
  for (const { code, json } of refused) expect([code, json["code"]]).toEqual([1, "GOTIFY_REFUSED"]);
  expect(old.names()).toEqual(["OpenClaw", "Phone", "Second account"]);
});

test("what an account receives with is not made to expire within the hour, unless it is forced", async () => {
  const { run } = await setup("v3");
  const soon = { expiresAfter: "15m", json: true };
  const refused = await run((at) => updateClient("Second account", soon, at));
  expect(refused.json).toMatchObject({ ok: false, code: "GOTIFY_IN_USE" });
  expect(refused.json["error"]).toMatch(/account second.*Nothing was changed.*--force/);
  const kept = await run((at) => listClients({ json: true }, at));
  expect(kept.json).toMatchObject({ clients: [{}, {}, { expiresAfterInactivitySeconds: 0 }] });
  for (const [name, options] of [
    ["Phone", soon],
    ["Second account", { ...soon, expiresAfter: "60m" }],
    ["Second account", { ...soon, force: true }],
  ] as const) {
    expect((await run((at) => updateClient(name, options, at))).code).toBe(0);
  }
});
