import { expect, test } from "vitest";
import type { JsonObject } from "../gotify/parse.ts";
import { configAdapter } from "./config-adapter.ts";

const ROOT = {
  enabled: true,
  name: "Home",
  serverUrl: "https://push.example",
  appToken: "AgeheimRoot001",
  clientTokenFile: "/run/secrets/client",
  dmPolicy: "allowlist",
  allowFrom: ["5", "*", "accessGroup:family"],
  commandsFrom: ["5"],
  approvers: ["5"],
  applications: { "5": { name: "Phone" } },
  defaultTo: "app:5",
  inbound: { applications: [5], ignore: [6], peerIdFrom: { "5": "title" }, minPriority: 2 },
  connection: { caFile: "/etc/home-ca.pem", timeoutSeconds: 7, headers: { "X-Access": "geheim" } },
};
const AWAY = { serverUrl: "https://away.example", appToken: "AgeheimAway001" };

function sectionWithout(accountId: string, gotify: JsonObject): unknown {
  const cfg = { channels: { gotify, irc: { enabled: true } } };
  const before = structuredClone(cfg);
  const after = configAdapter.deleteAccount?.({ cfg, accountId });
  // The host compares the two to see whether there was anything to remove.
  expect(cfg).toEqual(before);
  expect(after?.channels).toHaveProperty("irc");
  return after?.channels?.["gotify"];
}

test("with the last account, the whole section goes", () => {
  expect(sectionWithout("default", ROOT)).toBeUndefined();
  expect(sectionWithout("default", { accounts: { Default: AWAY } })).toBeUndefined();
});

test("of the root, what belongs to its server goes, and what is of use to accounts elsewhere stays", () => {
  expect(sectionWithout("default", { ...ROOT, accounts: { away: AWAY } })).toEqual({
    enabled: true,
    dmPolicy: "allowlist",
    allowFrom: ["*", "accessGroup:family"],
    inbound: { minPriority: 2 },
    connection: { caFile: "/etc/home-ca.pem", timeoutSeconds: 7 },
    accounts: { away: AWAY },
  });
});

test("an account at the root that was switched off below accounts goes from both", () => {
  const accounts = { default: { enabled: false }, away: AWAY };
  const after = sectionWithout("default", { ...ROOT, accounts });
  expect(JSON.stringify(after)).not.toContain("AgeheimRoot001");
  expect(after).toHaveProperty("accounts", { away: AWAY });
});

test("accounts on the root's server keep the way to it, and lose no tokens", () => {
  const bob = { appToken: "AgeheimBob0001", clientTokenFile: "/run/secrets/bob" };
  const { name, appToken, clientTokenFile, ...rest } = ROOT;
  expect([name, appToken, clientTokenFile]).not.toContain(undefined);
  expect(sectionWithout("default", { ...ROOT, accounts: { bob } })).toEqual({
    ...rest,
    accounts: { bob },
  });
  const sendsOnly = { appToken: "AgeheimBob0001" };
  expect(() => sectionWithout("default", { ...ROOT, accounts: { bob, ada: sendsOnly } })).toThrow(
    /^The accounts ada use tokens of "default".*Nothing was removed.*channels remove --channel gotify/,
  );
});

test("a named account goes alone, under whatever case it was written", () => {
  const gotify = { ...ROOT, accounts: { Ada: AWAY, bob: AWAY } };
  expect(sectionWithout("ada", gotify)).toEqual({ ...ROOT, accounts: { bob: AWAY } });
  expect(sectionWithout("ada", { ...ROOT, accounts: { Ada: AWAY } })).toEqual(ROOT);
  expect(sectionWithout("nobody", gotify)).toEqual(gotify);
  expect(() => sectionWithout("ada", { accounts: { Ada: AWAY, ada: AWAY } })).toThrow(/are one/);
});
