import { expect, onTestFinished, test } from "vitest";
import { startEmulator } from "../../test/emulator/index.ts";
import { administration } from "../../test/support/administration.ts";
import { startChangingFront } from "../../test/support/changing-front.ts";
import { GotifyClient } from "../gotify/client.ts";
import { deleteApps, listApps } from "./apps.ts";
import { deleteClients } from "./clients.ts";
import { deleteEach } from "./delete-each.ts";

const YES = { yes: true, json: true, force: true };

async function setup() {
  const emulator = await startEmulator({ personality: "v3" });
  onTestFinished(() => emulator.stop());
  const own = emulator.createApplication("OpenClaw");
  const reader = emulator.createClient("OpenClaw");
  const doomed = emulator.createApplication("Doomed");
  const names = () => emulator.store.applications().map(({ name }) => name);
  return { emulator, own, reader, doomed, names };
}

test("what another login does not know is not gone as long as it is listed", async () => {
  const { emulator, reader, doomed, names } = await setup();
  emulator.createUser("bob");
  const client = new GotifyClient({ serverUrl: emulator.url, clientToken: reader.token });
  const { interruptible, progress } = {
    interruptible: async <T>(work: (signal: AbortSignal) => Promise<T>) =>
      work(new AbortController().signal),
    progress: () => ({ at: () => {}, end: () => {} }),
  };
  const remove = (id: number) =>
    client.deleteApplication(id, { login: { user: "bob", password: "bob" } });
  const isListed = async (id: number) =>
    (await client.listApplications()).some((one) => one.id === id);
  const deletion = (ids: readonly number[]) =>
    deleteEach({ what: "applications", ids, remove, isListed }, { interruptible, progress });
  await expect(deletion([doomed.id])).rejects.toMatchObject({ status: 404 });
  expect(names()).toContain("Doomed");
  await expect(deletion([999])).resolves.toBeUndefined();
});

test("a user that was renamed meanwhile deletes nothing, and the command says so", async () => {
  const { emulator, own, reader, names } = await setup();
  emulator.createUser("bob");
  emulator.createClient("Phone");
  const { url: serverUrl } = await startChangingFront(emulator.url, (text) =>
    text.replace('"name":"admin"', '"name":"bob"'),
  );
  const { run } = administration({ serverUrl, appToken: own.token, clientToken: reader.token });
  const password = { environment: { GOTIFY_PASS: "bob" } };
  const app = await run((at) => deleteApps(["Doomed"], YES, at), password);
  expect([app.code, app.json["code"], names()]).toEqual([
    1,
    "GOTIFY_NOT_FOUND",
    ["OpenClaw", "Doomed"],
  ]);
  const client = await run((at) => deleteClients(["Phone"], YES, at), password);
  expect([client.code, client.json["code"]]).toEqual([1, "GOTIFY_NOT_FOUND"]);
  expect(emulator.store.clients()).toHaveLength(2);
});

test("a deletion whose answer is lost is told as what it is: perhaps done", async () => {
  const { emulator, own, reader } = await setup();
  const second = emulator.createApplication("Second");
  const { url: serverUrl } = await startChangingFront(emulator.url, (text, method) =>
    method === "DELETE" && !emulator.store.applications().some(({ name }) => name === "Doomed")
      ? undefined
      : text,
  );
  const { run } = administration({ serverUrl, appToken: own.token, clientToken: reader.token });
  const { code, json } = await run((at) => deleteApps(["Doomed", "Second"], YES, at), {
    environment: { GOTIFY_PASS: "admin" },
  });
  expect(code).toBe(1);
  expect(json).toMatchObject({ deleted: [], unknown: [2], notDeleted: [second.id] });
  expect(json["error"]).toMatch(/Nobody knows about 2: it may be deleted\. Not deleted: 3\.$/);
  const one = await run((at) => deleteApps(["Second"], YES, at), {
    environment: { GOTIFY_PASS: "admin" },
  });
  expect(one.json).toMatchObject({ deleted: [], unknown: [3], notDeleted: [] });
});

test("what belongs to a plugin of the server is shown so, and not deleted", async () => {
  const { emulator, own, reader, names } = await setup();
  const { url: serverUrl } = await startChangingFront(emulator.url, (text) =>
    text.replace(/("name":"Doomed".*?"internal":)false/, "$1true"),
  );
  const { run } = administration({ serverUrl, appToken: own.token, clientToken: reader.token });
  const { out } = await run((at) => listApps({}, at));
  expect(out).toMatch(/Doomed.*a server plugin/);
  expect(out).not.toMatch(/OpenClaw.*a server plugin/);
  const { code, json } = await run((at) => deleteApps(["Doomed"], YES, at), {
    environment: { GOTIFY_PASS: "admin" },
  });
  expect([code, json["code"]]).toEqual([1, "GOTIFY_REFUSED"]);
  expect(json["error"]).toContain("belongs to a plugin");
  expect(names()).toContain("Doomed");
});
