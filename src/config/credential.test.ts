import { chmodSync, linkSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { describe, expect, onTestFinished, test } from "vitest";
import { listAccountIds } from "./account-ids.ts";
import { accountsInOrder, resolveAccount } from "./accounts.ts";
import { accountClient } from "./client.ts";
import { configAdapter } from "./config-adapter.ts";

const serverUrl = "https://push.example.com";
const reference = { source: "env", provider: "default", id: "GOTIFY_APP_TOKEN" };

function config(gotify: Record<string, unknown>): OpenClawConfig {
  return { channels: { gotify } };
}

/** A folder of its own, and how to put a token's file there. */
function tokenFolder() {
  const folder = mkdtempSync(join(tmpdir(), "openclaw-gotify-token-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const write = (name: string, content: string): string => {
    const path = join(folder, name);
    writeFileSync(path, content, { mode: 0o600 });
    return path;
  };
  return { folder, write };
}

describe("a token in a file", () => {
  test("is the file's text without the line end, for both tokens", () => {
    const { write } = tokenFolder();
    const appTokenFile = write("app", "AfromFile\n");
    const clientTokenFile = write("client", "  CfromFile\r\n");
    const cfg = config({ serverUrl, appTokenFile, clientTokenFile });
    expect(listAccountIds(cfg)).toEqual(["default"]);
    expect(resolveAccount(cfg)).toMatchObject({
      configured: true,
      problem: undefined,
      appToken: "AfromFile",
      clientToken: "CfromFile",
      appTokenStatus: "available",
      tokenStatus: "available",
      inbound: { enabled: true },
    });
  });

  test("makes an account of the root, as a token does", () => {
    const { write } = tokenFolder();
    for (const key of ["appTokenFile", "clientTokenFile"]) {
      const cfg = config({ serverUrl, [key]: write("app", "A1"), accounts: { ops: {} } });
      expect(listAccountIds(cfg)).toEqual(["default", "ops"]);
    }
  });

  test("counts as it is now, not as it was", () => {
    const { write } = tokenFolder();
    const cfg = config({ serverUrl, appTokenFile: write("app", "Aold") });
    expect(resolveAccount(cfg).appToken).toBe("Aold");
    write("app", "Anew");
    expect(resolveAccount(cfg).appToken).toBe("Anew");
  });

  test("gives way to a token in the configuration, also to one that cannot be read", () => {
    const { write } = tokenFolder();
    const appTokenFile = write("app", "AfromFile");
    expect(resolveAccount(config({ serverUrl, appTokenFile, appToken: "Ainline" }))).toMatchObject({
      appToken: "Ainline",
    });
    expect(resolveAccount(config({ serverUrl, appTokenFile, appToken: reference }))).toMatchObject({
      appToken: undefined,
      appTokenStatus: "configured_unavailable",
    });
    // A text without anything in it is none.
    expect(resolveAccount(config({ serverUrl, appTokenFile, appToken: " " }))).toMatchObject({
      appToken: "AfromFile",
    });
  });

  test("is shown to no diagnostics", () => {
    const { write } = tokenFolder();
    const cfg = config({ serverUrl, appTokenFile: write("app", "Ageheim") });
    expect(JSON.stringify(configAdapter.inspectAccount?.(cfg, "default"))).not.toContain("geheim");
  });
});

describe("a token's file that gives no token", () => {
  test.each<[string, RegExp, (place: ReturnType<typeof tokenFolder>) => string]>([
    ["is missing", /none does not exist\.$/, ({ folder }) => join(folder, "none")],
    ["is empty", /app is empty\.$/, ({ write }) => write("app", "")],
    ["holds only blanks", /app is empty\.$/, ({ write }) => write("app", " \n\n")],
    ["is a folder", /is no file\.$/, ({ folder }) => folder],
    [
      "is in no folder",
      /could not be read \(ENOTDIR\)\.$/,
      ({ write }) => join(write("app", "A1"), "inside"),
    ],
    ["cannot be a path", /could not be read \(\S+\)\.$/, () => "/tmp/\0geheim"],
    [
      "is far too long",
      /is too large to be a token\.$/,
      ({ write }) => write("app", "Ageheim".repeat(1_000)),
    ],
    [
      "is a symbolic link",
      /is a symbolic link, which is not followed\.$/,
      ({ folder, write }) => {
        symlinkSync(write("app", "Ageheim"), join(folder, "link"));
        return join(folder, "link");
      },
    ],
    [
      "has a second name",
      /has a second name \(a hard link\)/,
      ({ folder, write }) => {
        linkSync(write("app", "Ageheim"), join(folder, "link"));
        return join(folder, "link");
      },
    ],
  ])("because it %s blocks its account with one line, and no other", (_what, reason, make) => {
    const place = tokenFolder();
    const good = place.write("good", "Agood");
    const cfg = config({
      accounts: {
        broken: { serverUrl, appTokenFile: make(place) },
        fine: { serverUrl, appTokenFile: good },
      },
    });
    const [broken, fine] = accountsInOrder(cfg);
    expect(broken).toMatchObject({
      accountId: "broken",
      appToken: undefined,
      appTokenStatus: "configured_unavailable",
      problem: expect.stringMatching(reason) as unknown,
    });
    expect(broken?.problem).toMatch(/^channels\.gotify\.accounts\.broken\.appTokenFile: /);
    expect(broken?.problem).not.toContain("\n");
    expect(broken?.problem).not.toMatch(/Ageheim/);
    expect(fine).toMatchObject({ appToken: "Agood", problem: undefined });
    const account = resolveAccount(cfg, "broken");
    expect(() => accountClient(account)).toThrow(/appTokenFile/);
  });

  test.runIf(process.getuid?.() !== 0)("because nobody may read it says so", () => {
    const { write } = tokenFolder();
    const appTokenFile = write("app", "Ageheim");
    chmodSync(appTokenFile, 0o000);
    expect(resolveAccount(config({ serverUrl, appTokenFile })).problem).toMatch(
      /could not be read \(EACCES\)\.$/,
    );
  });

  test("names both where both fail, and the place that each is inherited from", () => {
    const cfg = config({
      serverUrl,
      appTokenFile: "/nowhere/app",
      accounts: { ops: { clientTokenFile: "/nowhere/client" } },
    });
    expect(resolveAccount(cfg, "ops").problem).toBe(
      "channels.gotify.appTokenFile: /nowhere/app does not exist. " +
        "channels.gotify.accounts.ops.clientTokenFile: /nowhere/client does not exist.",
    );
  });

  test("is told from one whose text cannot be a token, which is not shown", () => {
    const { write } = tokenFolder();
    const appTokenFile = write("app", "Ageheim\nBgeheim\n");
    const account = resolveAccount(config({ serverUrl, appTokenFile }));
    expect(account).toMatchObject({ configured: false });
    expect(account.problem).toMatch(/value of appTokenFile contains blanks/);
    expect(account.problem).not.toContain("geheim");
  });
});

describe("inheritance of a token and of its file", () => {
  test("goes together: an account's own one in either form replaces both", () => {
    const { write } = tokenFolder();
    const cfg = config({
      serverUrl,
      appToken: "Aroot",
      clientTokenFile: write("root", "Croot"),
      accounts: {
        file: { appTokenFile: write("own", "Aown") },
        text: { clientToken: "Cown" },
        heir: {},
      },
    });
    expect(resolveAccount(cfg, "file")).toMatchObject({ appToken: "Aown", clientToken: "Croot" });
    expect(resolveAccount(cfg, "text")).toMatchObject({ appToken: "Aroot", clientToken: "Cown" });
  });

  test("stops where an account has a server of its own", () => {
    const { write } = tokenFolder();
    const cfg = config({
      serverUrl,
      appTokenFile: write("app", "Aroot"),
      clientTokenFile: write("client", "Croot"),
      accounts: { work: { serverUrl: "https://work.example.com" } },
    });
    expect(resolveAccount(cfg, "work")).toMatchObject({
      appToken: undefined,
      clientToken: undefined,
      configured: false,
      problem: expect.stringMatching(/No token is set/) as unknown,
    });
  });

  test("lets two accounts with one client's file be known for the same user", () => {
    const { write } = tokenFolder();
    const tokens = { serverUrl, appToken: "A1", clientTokenFile: write("client", "C1") };
    const other = { ...tokens, clientTokenFile: write("other", "C2") };
    const cfg = config({ accounts: { one: tokens, two: tokens, three: other } });
    expect(accountsInOrder(cfg).map(({ standsBack }) => standsBack)).toEqual([false, true, false]);
    expect(resolveAccount(cfg, "two").problem).toMatch(/receive the same messages/);
  });
});
