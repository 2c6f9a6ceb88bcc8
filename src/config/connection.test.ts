import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { describe, expect, onTestFinished, test } from "vitest";
import { createAuthority, type Certified } from "../../test/support/certificates.ts";
import { resolveAccount } from "./accounts.ts";
import { accountClient } from "./client.ts";
import { configAdapter } from "./config-adapter.ts";

const authority = createAuthority("Home CA");
const clientPair = authority.issue("the bridge");

const config = (gotify: Record<string, unknown>): OpenClawConfig => ({ channels: { gotify } });

function folder(): (name: string, text: string) => string {
  const path = mkdtempSync(join(tmpdir(), "gotify-connection-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return (name, text) => {
    writeFileSync(join(path, name), text, { mode: 0o600 });
    return join(path, name);
  };
}

describe("a client certificate", () => {
  const files = (pair: Certified): Record<string, string> => {
    const write = folder();
    return {
      caFile: write("ca.pem", authority.cert),
      clientCertFile: write("client.pem", pair.cert),
      clientKeyFile: write("client.key", pair.key),
    };
  };

  test.each([
    ["alone", { clientKeyFile: undefined }, /clientCertFile: A certificate needs its key/],
    ["without it", { clientCertFile: undefined }, /clientKeyFile: A key alone proves nothing/],
    ["of another", { clientKey: authority.key }, /clientKey: .* not the key of the certificate/],
    ["that is none", { clientKey: "geheim" }, /clientKey: The value holds no private key in PEM/],
    [
      "with a passphrase",
      { clientKey: clientPair.key.replaceAll("PRIVATE", "ENCRYPTED PRIVATE") },
      /clientKey: The value is protected by a passphrase/,
    ],
  ])("with a key %s is a problem of the account", async (_what, change, reason) => {
    const cfg = config({
      serverUrl: "https://push.example.com",
      appToken: "A1",
      connection: { ...files(clientPair), ...change },
    });
    const account = resolveAccount(cfg);
    expect(account.configured).toBe(true);
    expect(account.problem).toMatch(/^channels\.gotify\.connection\./);
    expect(account.problem).toMatch(reason);
    expect(account.problem).not.toMatch(/\n|geheim|PRIVATE KEY/);
    expect(() => accountClient(account)).toThrow(reason);
  });

  test("that has expired says since when", () => {
    const dates = { notBefore: new Date("2001-01-01"), notAfter: new Date("2002-01-01") };
    const expired = authority.issue("the bridge", dates);
    const cfg = config({
      serverUrl: "https://push.example.com",
      appToken: "A1",
      connection: files(expired),
    });
    expect(resolveAccount(cfg).problem).toMatch(
      /connection\.clientCertFile: The certificate has expired on 2002-01-01\. Renew it\.$/,
    );
  });
});

describe("a file of certificates", () => {
  const problemOf = (caFile: string): string | undefined =>
    resolveAccount(
      config({
        serverUrl: "https://push.example.com",
        appToken: "A1",
        accounts: { ops: { connection: { caFile } } },
      }),
      "ops",
    ).problem;

  test.each([
    ["is missing", () => "/nowhere/ca.pem", "/nowhere/ca.pem does not exist."],
    ["is a folder", () => tmpdir(), "is no file."],
    ["is binary", () => folder()("ca.der", "\x30\x82"), "no certificate in PEM form."],
    [
      "is damaged",
      () => folder()("ca.pem", authority.cert.replace(/\n[^-]{20}/, "\n")),
      "a certificate that cannot be read.",
    ],
    ["is huge", () => folder()("ca.pem", "x".repeat(1024 * 1024 + 1)), "is too large"],
  ])("that %s is named with its key", (_what, make, reason) => {
    const problem = problemOf(make());
    expect(problem).toMatch(/^channels\.gotify\.accounts\.ops\.connection\.caFile: [^\n]+$/);
    expect(problem).toContain(reason);
  });
});

describe("a header", () => {
  test.each([
    ["X-Gotify-Key", "Ageheim", /headers\.x-gotify-key: The header "x-gotify-key" cannot be given/],
    ["Bad Name", "geheim-wert", /headers\.bad name: The header "bad name" cannot be sent/],
    ["X-Ok", "geheim\r\nX-Gotify-Key: x", /The header "x-ok" cannot be sent/],
    ["X-Empty", " ", /headers\.x-empty is empty/],
    [
      "X-Ref",
      { source: "env", provider: "default", id: "CF_SECRET" },
      /The secret .*headers\.x-ref could not be read from the environment variable CF_SECRET/,
    ],
  ])("called %s with %j is a problem of the account", (name, value, reason) => {
    const cfg = config({
      serverUrl: "https://push.example.com",
      appToken: "A1",
      connection: { headers: { [name]: value } },
    });
    const { problem, configured } = resolveAccount(cfg);
    expect(configured).toBe(true);
    expect(problem).toMatch(reason);
    expect(problem).not.toMatch(/geheim|\n/);
  });

  test("and the key show in no diagnosis", () => {
    const cfg = config({
      serverUrl: "https://push.example.com",
      appToken: "A1",
      connection: { headers: { "X-Access": "s3cret-of-the-access-proxy" }, clientKey: "geheim" },
    });
    const account = resolveAccount(cfg);
    const shown = [
      configAdapter.inspectAccount?.(cfg),
      configAdapter.describeAccount?.(account, cfg),
    ];
    expect(JSON.stringify(shown)).not.toMatch(/s3cret|geheim/);
  });
});

describe("inheritance", () => {
  const own = (accounts: Record<string, unknown>, id: string): ReturnType<typeof resolveAccount> =>
    resolveAccount(
      config({
        serverUrl: "https://push.example.com",
        appToken: "A1",
        connection: {
          timeoutSeconds: 30,
          caFile: "/root/ca.pem",
          clientCertFile: "/root/client.pem",
          clientKeyFile: "/root/client.key",
          headers: { "X-One": "root-one", "X-Two": "root-two" },
          dangerouslyAllowCleartext: true,
        },
        accounts,
      }),
      id,
    );

  test("reaches each key, and each header by its name", () => {
    const { connection } = own(
      { ops: { connection: { timeoutSeconds: 5, headers: { "x-one": "own-one" } } } },
      "ops",
    );
    expect(connection).toEqual({
      timeoutMs: 5_000,
      caFile: "/root/ca.pem",
      clientCertFile: "/root/client.pem",
      clientKeyFile: "/root/client.key",
      clientKey: undefined,
      headers: { "x-one": "own-one", "x-two": "root-two" },
      allowCleartext: true,
    });
  });

  test("takes a certificate and its key together or not at all", () => {
    const { connection } = own({ ops: { connection: { clientCertFile: "/ops.pem" } } }, "ops");
    expect(connection).toMatchObject({ clientCertFile: "/ops.pem", clientKeyFile: undefined });
  });

  test("gives an account with a server of its own no credential of the root's server", () => {
    const { connection } = own({ ops: { serverUrl: "https://other.example.com" } }, "ops");
    expect(connection).toEqual({
      timeoutMs: 30_000,
      caFile: "/root/ca.pem",
      clientCertFile: undefined,
      clientKeyFile: undefined,
      clientKey: undefined,
      headers: {},
      allowCleartext: false,
    });
  });
});
