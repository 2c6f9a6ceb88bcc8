import { expect, test } from "vitest";
import { resolveAccount } from "../config/accounts.ts";
import { asObject } from "../gotify/parse.ts";
import { setupAdapter } from "./contract.ts";
import { withoutTokens } from "./written.ts";

function apply(
  gotify: Record<string, unknown>,
  input: Record<string, string>,
  accountId = "default",
): unknown {
  const cfg = { channels: { gotify } };
  const section: unknown = setupAdapter.applyAccountConfig({ cfg, accountId, input }).channels?.[
    "gotify"
  ];
  return section;
}

test("the application a person writes with may talk and give commands from the start, beside whoever may already", () => {
  expect(apply({}, { serverUrl: "https://push.example.com", chatApp: " 5 " })).toMatchObject({
    allowFrom: ["5"],
    commandsFrom: ["5"],
  });
  expect(apply({ allowFrom: ["7", "5"] }, { chatApp: "5" })).toMatchObject({
    allowFrom: ["7", "5"],
    commandsFrom: ["5"],
  });
  expect(apply({ allowFrom: ["7"] }, { appToken: "A" })).not.toHaveProperty("commandsFrom");
});

test("what is no application's id is refused with what to write instead", () => {
  const say = (chatApp: string) =>
    setupAdapter.validateInput?.({ cfg: {}, accountId: "default", input: { chatApp } });
  for (const wrong of ["phone", "0", "-1", "5.5", "*", "5 6"]) {
    expect(say(wrong), wrong).toContain("a number such as 5");
  }
  expect(say("5")).toBeNull();
});

test("the application a person writes with is heard where all are watched, as before", () => {
  const section = apply({ inbound: { applications: ["*"] } }, { chatApp: "5" });
  expect(section).toMatchObject({ allowFrom: ["5"], inbound: { applications: ["*"] } });
  const cfg = { channels: { gotify: section } };
  expect(resolveAccount(cfg).inbound.applications).toBeUndefined();
});

const OLD = {
  serverUrl: "https://old.example.com",
  appToken: "Aold",
  clientToken: "Cold",
  allowFrom: ["7", "gotify:app:8", "accessGroup:team1", "*"],
  commandsFrom: ["7"],
  approvers: ["7"],
  applications: { "7": { priority: "low" } },
  defaultTo: "app:7",
  inbound: { applications: [7], ignore: [8], peerIdFrom: [7], minPriority: 2 },
  connection: {
    caFile: "/etc/ca.pem",
    clientCertFile: "/etc/me.pem",
    clientKeyFile: "/etc/me.key",
    headers: { "cf-access": "s" },
    dangerouslyAllowCleartext: true,
    timeoutSeconds: 5,
  },
};

test("on another server nothing stays that belongs to the one before", () => {
  const moved = apply(OLD, {
    serverUrl: "https://new.example.com",
    appToken: "Anew",
    chatApp: "2",
  });
  expect(moved).toEqual({
    enabled: true,
    serverUrl: "https://new.example.com",
    appToken: "Anew",
    allowFrom: ["accessGroup:team1", "*", "2"],
    commandsFrom: ["2"],
    inbound: { minPriority: 2 },
    connection: { caFile: "/etc/ca.pem", timeoutSeconds: 5 },
  });
  // Written in another way, it is the same server.
  expect(apply(OLD, { serverUrl: "https://OLD.example.com/" })).toMatchObject({
    ...OLD,
    serverUrl: "https://OLD.example.com/",
  });
});

test("the environment may be another server as well", () => {
  const before = process.env["GOTIFY_SERVER_URL"];
  process.env["GOTIFY_SERVER_URL"] = "https://new.example.com";
  try {
    const cfg = { channels: { gotify: OLD } };
    const input = { useEnv: true };
    const after = setupAdapter.applyAccountConfig({ cfg, accountId: "default", input });
    const section: unknown = after.channels?.["gotify"];
    expect(section).toMatchObject({ allowFrom: ["accessGroup:team1", "*"], commandsFrom: [] });
    for (const key of ["serverUrl", "appToken", "clientToken", "approvers"]) {
      expect(section).not.toHaveProperty(key);
    }
  } finally {
    if (before === undefined) delete process.env["GOTIFY_SERVER_URL"];
    else process.env["GOTIFY_SERVER_URL"] = before;
  }
});

test("a server that other accounts share is not taken from under them", () => {
  const shared = { ...OLD, accounts: { ops: { appToken: "Aops", clientToken: "Cops" } } };
  const say = (input: Record<string, string>, accountId = "default") =>
    setupAdapter.validateInput?.({ cfg: { channels: { gotify: shared } }, accountId, input });
  expect(say({ serverUrl: "https://new.example.com" })).toMatch(/accounts ops are on the same/);
  expect(say({ serverUrl: "https://old.example.com", appToken: "Anew" })).toBeNull();
  expect(say({ serverUrl: "https://new.example.com" }, "ops")).toBeNull();
});

test("a new account on a server of its own comes by no right of the root", () => {
  const added = (input: Record<string, string>): unknown =>
    asObject(asObject(apply(OLD, input, "work"))?.["accounts"])?.["work"];
  const work = { serverUrl: "https://work.example.com", appToken: "W" };
  expect(added(work)).toEqual({ enabled: true, ...work });
  expect(added({ ...work, chatApp: "2" })).toMatchObject({
    allowFrom: ["accessGroup:team1", "*", "2"],
    commandsFrom: ["2"],
  });
});

test("an account is changed where it is written, in whatever case", () => {
  const capital = { accounts: { Ops: { serverUrl: "https://a.example.com", appToken: "A" } } };
  expect(apply(capital, { appToken: "B" }, "ops")).toEqual({
    enabled: true,
    accounts: { Ops: { enabled: true, serverUrl: "https://a.example.com", appToken: "B" } },
  });
  const below = { name: "root", accounts: { default: { appToken: "A", clientToken: "C" } } };
  expect(apply(below, { appToken: "B" })).toMatchObject({
    name: "root",
    accounts: { default: { appToken: "B", clientToken: "C" } },
  });
  expect(apply(below, { appToken: "B" })).not.toHaveProperty("appToken");
});

test("a logout finds the tokens wherever they are written", () => {
  const tokens = { appToken: "A", clientTokenFile: "/run/c" };
  const cfg = {
    channels: {
      gotify: {
        ...tokens,
        name: "n",
        accounts: { Ops: tokens, default: { ...tokens, name: "d" } },
      },
    },
  };
  expect(withoutTokens(cfg, "ops")?.channels?.["gotify"]).toMatchObject({
    ...tokens,
    accounts: { Ops: {}, default: tokens },
  });
  expect(withoutTokens(cfg, "default")?.channels?.["gotify"]).toEqual({
    name: "n",
    accounts: { Ops: tokens, default: { name: "d" } },
  });
  expect(withoutTokens({ channels: { gotify: { name: "n" } } }, "default")).toBeUndefined();
});
