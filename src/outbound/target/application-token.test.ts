import { afterEach, expect, test, vi } from "vitest";
import { sendJson, startLocalServer } from "../../../test/support/local-server.ts";
import { resolveAccount } from "../../config/accounts.ts";
import { findToken, forgetToken } from "./application-token.ts";

const MINUTE_MS = 60_000;

afterEach(() => {
  vi.useRealTimers();
});

/** A server with the application 2, and how often it was asked for its list. */
async function setup(application: object) {
  const asked: string[] = [];
  const server = await startLocalServer(({ url }, response) => {
    asked.push(url);
    sendJson(response, 200, [{ id: 2, name: "Ada's phone", ...application }]);
  });
  const gotify = { serverUrl: server.url, appToken: "Aown", clientToken: "Creader" };
  const accountWith = (changes: object = {}) =>
    resolveAccount({ channels: { gotify: { ...gotify, ...changes } } });
  return { asked, account: accountWith(), accountWith };
}

test("a token is asked for once a minute, and again once it was refused", async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  const { asked, account } = await setup({ token: "Aphone" });
  const find = async () => findToken(account, 2, undefined);
  expect([await find(), await find(), asked.length]).toEqual(["Aphone", "Aphone", 1]);
  vi.setSystemTime(Date.now() + MINUTE_MS - 1);
  await find();
  expect(asked).toHaveLength(1);
  vi.setSystemTime(Date.now() + 1);
  await find();
  expect(asked).toHaveLength(2);
  forgetToken(account, 2);
  await find();
  expect(asked).toHaveLength(3);
});

test("that Gotify 3 shows none is remembered just so", async () => {
  const { asked, account } = await setup({});
  const find = async () => findToken(account, 2, undefined);
  expect([await find(), await find(), asked.length]).toEqual([undefined, undefined, 1]);
});

test("what one client may see is told to no other", async () => {
  const { asked, account, accountWith } = await setup({ token: "Aphone" });
  await findToken(account, 2, undefined);
  await findToken(accountWith({ clientToken: "Cother" }), 2, undefined);
  expect(asked).toHaveLength(2);
});

test("an application that is not there is an error each time", async () => {
  const { account } = await setup({ token: "Aphone" });
  for (let time = 0; time < 2; time += 1) {
    await expect(findToken(account, 3, undefined)).rejects.toMatchObject({ status: 404 });
  }
});
