import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { buildSecretInputSchema } from "openclaw/plugin-sdk/secret-input";
import {
  applyResolvedAssignments,
  createResolverContext,
} from "openclaw/plugin-sdk/secret-ref-runtime";
import { describe, expect, test } from "vitest";
import * as artifact from "../secret-contract-api.ts";
import { channelBase } from "../channel-base.ts";
import { resolveAccount } from "./accounts.ts";
import { secretInput } from "./schema-secret.zod.ts";
import { collectRuntimeConfigAssignments, secretTargetRegistryEntries } from "./secret-contract.ts";

const serverUrl = "https://push.example.com";
const foreign = "https://work.example.com";

function variable(id: string) {
  return { source: "env" as const, provider: "default", id };
}

/** What the host collects: who waits for which secret, and the configuration with the secrets in place. */
function collect(gotify: Record<string, unknown>) {
  const source: OpenClawConfig = { channels: { gotify } };
  const config = structuredClone(source);
  const context = createResolverContext({ sourceConfig: source, env: {} });
  collectRuntimeConfigAssignments({ config, defaults: undefined, context });
  const owners: Record<string, string[]> = {};
  for (const { path, ownerKind, ownerId } of context.assignments) {
    (owners[path] ??= []).push(`${ownerKind} ${ownerId}`);
  }
  const resolve = (): OpenClawConfig => {
    const resolved = new Map<string, unknown>(
      context.assignments.map(({ ref }) => [
        `${ref.source}:${ref.provider}:${ref.id}`,
        `x-${ref.id}`,
      ]),
    );
    applyResolvedAssignments({ assignments: context.assignments, resolved });
    return config;
  };
  return { owners, resolve, inactive: context.warnings.map(({ path }) => path), context };
}

describe("a secret's owner", () => {
  test("is the account that works with it: one with its own, or a server of its own, does not wait for the root's", () => {
    const { owners, inactive } = collect({
      serverUrl,
      appToken: variable("ROOT_APP"),
      clientToken: variable("ROOT_CLIENT"),
      accounts: {
        heir: {},
        own: { appToken: variable("OWN_APP") },
        file: { clientTokenFile: "/run/secrets/client" },
        Work: { serverUrl: foreign, appToken: variable("WORK_APP"), clientToken: "C1" },
        off: { enabled: false, appToken: variable("OFF_APP"), clientToken: "C2" },
      },
    });
    expect(owners).toEqual({
      "channels.gotify.appToken": [
        "account gotify:default",
        "account gotify:file",
        "account gotify:heir",
      ],
      "channels.gotify.clientToken": [
        "account gotify:default",
        "account gotify:heir",
        "account gotify:own",
      ],
      "channels.gotify.accounts.own.appToken": ["account gotify:own"],
      "channels.gotify.accounts.Work.appToken": ["account gotify:work"],
    });
    expect(inactive).toEqual(["channels.gotify.accounts.off.appToken"]);
  });

  test("is the same for what the connection needs, which is inherited in its own way", () => {
    const { owners } = collect({
      serverUrl,
      appToken: "A1",
      connection: { clientKey: variable("KEY"), headers: { "X-Access": variable("HEADER") } },
      accounts: {
        heir: { connection: { headers: { "X-More": variable("MORE") } } },
        header: { connection: { headers: { "x-access": "plain" } } },
        certificate: { connection: { clientKeyFile: "/run/secrets/key" } },
        work: { serverUrl: foreign, appToken: "A2" },
      },
    });
    expect(owners).toEqual({
      "channels.gotify.connection.clientKey": [
        "account gotify:default",
        "account gotify:header",
        "account gotify:heir",
      ],
      "channels.gotify.connection.headers.X-Access": [
        "account gotify:certificate",
        "account gotify:default",
        "account gotify:heir",
      ],
      "channels.gotify.accounts.heir.connection.headers.X-More": ["account gotify:heir"],
    });
  });

  test("is nobody while the channel is off, and then nothing is looked up", () => {
    const { owners, inactive } = collect({ enabled: false, serverUrl, appToken: variable("APP") });
    expect(owners).toEqual({});
    expect(inactive).toEqual(["channels.gotify.appToken"]);
  });

  test("of the monitor's token is the health route: no account waits for it, or starts anew for it", () => {
    const gotify = { serverUrl, appToken: variable("APP") };
    const { owners } = collect({ ...gotify, healthToken: variable("HEALTH") });
    expect(owners).toEqual({
      "channels.gotify.appToken": ["account gotify:default"],
      "channels.gotify.healthToken": ["route gotify:health"],
    });
    const off = collect({ ...gotify, enabled: false, healthToken: variable("HEALTH") });
    expect(off.inactive).toContain("channels.gotify.healthToken");
    const contractOf = (more: Record<string, unknown>): unknown =>
      collect({ ...gotify, ...more }).context.assignments[0]?.ownerContractDigest;
    expect(contractOf({ healthToken: "a" })).toBe(contractOf({ healthToken: "b" }));
    // An account has none of its own, also in what the host is told to look for.
    const ids = secretTargetRegistryEntries.map(({ pathPattern }) => pathPattern);
    expect(ids.filter((path) => path.endsWith("healthToken"))).toEqual([
      "channels.gotify.healthToken",
    ]);
  });

  test("goes on with an older value only while the account is otherwise unchanged", () => {
    const digest = (gotify: Record<string, unknown>): unknown =>
      collect({ appToken: variable("APP"), ...gotify }).context.assignments[0]?.ownerContractDigest;
    expect(digest({ serverUrl })).toBe(digest({ serverUrl }));
    expect(digest({ serverUrl })).not.toBe(digest({ serverUrl: foreign }));
  });
});

test("a secret that was found is put where its reference stood, and the account works", () => {
  const { resolve } = collect({
    serverUrl,
    appToken: variable("APP"),
    connection: { headers: { "X-Access": variable("HEADER") } },
    accounts: { "my.ops": { clientToken: variable("CLIENT") } },
  });
  const config = resolve();
  expect(resolveAccount(config, "my-ops")).toMatchObject({
    problem: undefined,
    appToken: "x-APP",
    clientToken: "x-CLIENT",
    connection: { headers: { "x-access": "x-HEADER" } },
  });
});

test("without it the account says which secret is missing and what to do, and shows nothing of the others", () => {
  for (const [value, place] of [
    [variable("APP"), "the environment variable APP"],
    ["${APP}", "the environment variable APP"],
    ["$APP", "the environment variable APP"],
    [{ source: "store", provider: "default", id: "APP" }, "APP in OpenClaw's secret store"],
    [{ source: "file", provider: "files", id: "/a" }, 'the file of the secret provider "files"'],
    [{ source: "exec", provider: "vault", id: "a" }, 'the command of the secret provider "vault"'],
  ] as const) {
    const cfg: OpenClawConfig = { channels: { gotify: { serverUrl, appToken: value } } };
    expect(resolveAccount(cfg)).toMatchObject({
      configured: true,
      appTokenStatus: "configured_unavailable",
      problem: `The secret channels.gotify.appToken could not be read from ${place}. Put it there, for the process that runs the Gateway, and run "openclaw secrets reload".`,
    });
  }
});

test("the contract that the host finds by its file name is the plugin's own", () => {
  expect(artifact.collectRuntimeConfigAssignments).toBe(
    channelBase.secrets?.collectRuntimeConfigAssignments,
  );
  expect(artifact.secretTargetRegistryEntries).toBe(
    channelBase.secrets?.secretTargetRegistryEntries,
  );
  const patterns = secretTargetRegistryEntries.map(({ pathPattern }) => pathPattern);
  const keys = ["appToken", "clientToken", "connection.clientKey", "connection.headers.*"];
  expect(patterns).toEqual([
    ...keys.map((key) => `channels.gotify.accounts.*.${key}`),
    ...keys.map((key) => `channels.gotify.${key}`),
    "channels.gotify.healthToken",
  ]);
});

test("the configuration takes exactly the references that the host takes", () => {
  const host = buildSecretInputSchema();
  const ids = (
    "A a GOTIFY_APP_TOKEN 1A A-B value values / /a/b /a~0b /a~1 /a~ /a~2 a/b " +
    "gotify/app#token ../a a/.. a/./b a..b a/.b . "
  )
    .split(" ")
    .concat("A".repeat(128), "A".repeat(129), "x".repeat(256), "x".repeat(257), "x y");
  for (const source of ["env", "store", "file", "exec", "vault", ""]) {
    for (const provider of ["default", "Default", "a-b_1", "", "1a"]) {
      for (const id of ids) {
        const value = { source, provider, id };
        const verdict = secretInput.safeParse(value).success;
        expect(verdict, JSON.stringify(value)).toBe(host.safeParse(value).success);
      }
    }
  }
  for (const value of [
    "text",
    "",
    5,
    null,
    {},
    { source: "env", id: "A" },
    { ...variable("A"), more: 1 },
  ]) {
    expect(secretInput.safeParse(value).success).toBe(host.safeParse(value).success);
  }
});
