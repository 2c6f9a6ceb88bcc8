import { expect, onTestFinished, test } from "vitest";
import { startEmulator } from "../../../test/emulator/index.ts";
import type { GotifyApplication } from "../../gotify/applications.ts";
import { GotifyClient } from "../../gotify/client.ts";
import { createApplications } from "./applications.ts";

const MINUTE_MS = 60_000;

test("a name is looked up once, again when it is old, and is no condition for anything", async () => {
  const emulator = await startEmulator();
  onTestFinished(() => emulator.stop());
  const phone = emulator.createApplication("Phone");
  const client = new GotifyClient({
    serverUrl: emulator.url,
    clientToken: emulator.createClient("bridge").token,
  });
  let clock = 0;
  const signal = new AbortController().signal;
  const names = createApplications({ client, signal, now: () => clock });
  const calls = (): number =>
    emulator.store.requests().filter(({ url }) => url.startsWith("/application")).length;

  expect(await names.nameOf(phone.id)).toBe("Phone");
  expect(await names.nameOf(phone.id)).toBe("Phone");
  expect(await names.nameOf(999)).toBeUndefined();
  expect(calls()).toBe(1);
  clock += MINUTE_MS;
  expect(await names.nameOf(999)).toBeUndefined();
  expect(calls()).toBe(2);

  await client.updateApplication(phone.id, { name: "Tablet" });
  clock += 10 * MINUTE_MS;
  expect(await names.nameOf(phone.id)).toBe("Tablet");

  await emulator.goDown();
  clock += 10 * MINUTE_MS;
  expect(await names.nameOf(phone.id)).toBe("Tablet");
});

test("those who ask while the names are on their way get them too", async () => {
  const emulator = await startEmulator();
  onTestFinished(() => emulator.stop());
  const phone = emulator.createApplication("Phone");
  const client = new GotifyClient({
    serverUrl: emulator.url,
    clientToken: emulator.createClient("bridge").token,
  });
  emulator.faults.slowAnswersMs = 20;
  const names = createApplications({ client, signal: new AbortController().signal });
  const answers = await Promise.all([names.nameOf(phone.id), names.nameOf(phone.id)]);
  expect(answers).toEqual(["Phone", "Phone"]);
  const calls = emulator.store.requests().filter(({ url }) => url.startsWith("/application"));
  expect(calls).toHaveLength(1);
});

test("what rights depend on is never older than a minute, and is not made up when the server is silent", async () => {
  const emulator = await startEmulator();
  onTestFinished(() => emulator.stop());
  const phone = emulator.createApplication("Phone");
  const client = new GotifyClient({
    serverUrl: emulator.url,
    clientToken: emulator.createClient("bridge").token,
  });
  let clock = 0;
  const signal = new AbortController().signal;
  const applications = createApplications({ client, signal, now: () => clock });

  expect((await applications.lookUp(phone.id))?.name).toBe("Phone");
  await client.updateApplication(phone.id, { name: "Tablet" });
  expect((await applications.lookUp(phone.id))?.name).toBe("Phone");
  clock += MINUTE_MS;
  expect((await applications.lookUp(phone.id))?.name).toBe("Tablet");

  await client.updateApplication(phone.id, { name: "Watch" });
  applications.forget();
  expect((await applications.lookUp(phone.id))?.name).toBe("Watch");

  await emulator.goDown();
  applications.forget();
  await expect(applications.lookUp(phone.id)).rejects.toThrow("Gotify");
});

test("an id that is missing is asked for again, once a second, and only then is it nobody's", async () => {
  const emulator = await startEmulator();
  onTestFinished(() => emulator.stop());
  const phone = emulator.createApplication("Phone");
  const client = new GotifyClient({
    serverUrl: emulator.url,
    clientToken: emulator.createClient("bridge").token,
  });
  let clock = 0;
  const { signal } = new AbortController();
  const applications = createApplications({ client, signal, now: () => clock });
  expect([...(await applications.ids())]).toEqual([phone.id]);

  const watch = emulator.createApplication("Watch");
  await expect(applications.lookUp(watch.id)).rejects.toThrow("not known yet");
  clock += 1_000;
  expect((await applications.lookUp(watch.id))?.name).toBe("Watch");
  clock += 1_000;
  expect(await applications.lookUp(999)).toBeUndefined();
});

test("an answer that was asked for before the connection changed is none", async () => {
  let answer = (_names: string[]): void => {};
  const client: Pick<GotifyClient, "listApplications"> = {
    listApplications: () =>
      new Promise((resolve) => {
        answer = (names) => resolve(names.map((name, index) => application(index + 1, name)));
      }),
  };
  const applications = createApplications({ client, signal: new AbortController().signal });
  const before = applications.lookUp(1);
  applications.forget();
  answer(["Phone"]);
  await expect(before).rejects.toThrow("connection changed");
  const after = applications.lookUp(1);
  answer(["Grafana"]);
  expect((await after)?.name).toBe("Grafana");
});

function application(id: number, name: string): GotifyApplication {
  return {
    id,
    name,
    description: "",
    defaultPriority: 0,
    internal: false,
    imageUrl: undefined,
    lastUsed: undefined,
    sortKey: undefined,
    createdAt: undefined,
  };
}
