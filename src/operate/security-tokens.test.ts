import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import {
  APP_SECRET,
  CLIENT_SECRET,
  APP_TOKEN,
  CLIENT_TOKEN,
  findings,
  good,
  ids,
  twoTokens,
} from "../../test/support/audit.ts";
import { createAuthority } from "../../test/support/certificates.ts";

describe("the security audit", () => {
  test("finds tokens in plain text, and names where they stand", async () => {
    expect(await ids({ gotify: twoTokens })).toEqual([
      "token_in_config warn",
      "token_in_config warn",
    ]);
    expect((await findings({ gotify: { ...good, appToken: APP_TOKEN } }))[0]).toMatchObject({
      title: "channels.gotify.appToken is a token in plain text",
      remediation: expect.stringMatching(
        /set channels\.gotify\.appToken to "\$\{GOTIFY_APP_TOKEN\}"/,
      ) as unknown,
    });
    const nested = { accounts: { Home: { ...good, clientToken: CLIENT_TOKEN } } };
    expect((await findings({ gotify: nested, accountId: "Home" }))[0]).toMatchObject({
      title: "channels.gotify.accounts.Home.clientToken is a token in plain text",
      // Not the same variable for each account: that would give all of them one token.
      remediation: expect.stringContaining('"${GOTIFY_HOME_CLIENT_TOKEN}"') as unknown,
    });
    const inherited = { ...good, appToken: APP_TOKEN, accounts: { ops: { allowFrom: [7] } } };
    expect((await findings({ gotify: inherited, accountId: "ops" }))[0]?.title).toBe(
      "channels.gotify.appToken is a token in plain text",
    );
  });

  test("takes a token from the environment for none in the file", async () => {
    const env = { GOTIFY_APP_TOKEN: APP_TOKEN, GOTIFY_CLIENT_TOKEN: CLIENT_TOKEN };
    expect(await ids({ gotify: twoTokens, env })).toEqual([]);
    expect(await ids({ gotify: { ...good, appToken: "${GOTIFY_APP_TOKEN}" } })).toEqual([]);
  });
});

describe("a token's file", () => {
  /** With files of these modes in place of both tokens. */
  function withFiles(appMode: number, clientMode = 0o600, name = "token") {
    const folder = mkdtempSync(join(tmpdir(), "openclaw-gotify-token-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = (prefix: string, token: string, mode: number): string => {
      const path = join(folder, `${prefix}${name}`);
      writeFileSync(path, `${token}\n`);
      chmodSync(path, mode);
      return path;
    };
    const { appToken: _app, clientToken: _client, ...rest } = good;
    return {
      ...rest,
      appTokenFile: file("app", APP_TOKEN, appMode),
      clientTokenFile: file("client", CLIENT_TOKEN, clientMode),
    };
  }

  test.each([0o600, 0o400, 0o700])("is left alone with the mode %o", async (mode) => {
    expect(await ids({ gotify: withFiles(mode) })).toEqual([]);
  });

  test.each([0o640, 0o604, 0o644, 0o620, 0o601])("is found with the mode %o", async (mode) => {
    const gotify = withFiles(mode);
    expect(await ids({ gotify })).toEqual(["token_file_open warn"]);
    expect((await findings({ gotify }))[0]).toMatchObject({
      title: "The token in channels.gotify.appTokenFile can be read by other users of this machine",
      detail: expect.stringContaining(`the mode ${mode.toString(8)}:`) as unknown,
      remediation: `chmod 600 ${gotify.appTokenFile}`,
    });
  });

  test("is found for either token, with a remedy that a shell takes", async () => {
    const gotify = withFiles(0o644, 0o644, " it's");
    const found = await findings({ gotify });
    expect(found).toHaveLength(2);
    expect(found[0]?.remediation).toMatch(/^chmod 600 '\/.*\/app it'\\''s'$/);
    expect(found[1]?.remediation).toMatch(/^chmod 600 '\/.*\/client it'\\''s'$/);
  });

  test("is found when it is not there, and named with its key", async () => {
    const gotify = { ...withFiles(0o600), clientTokenFile: "/nowhere/client" };
    expect(await ids({ gotify })).toEqual(["token_file_unreadable warn"]);
    expect((await findings({ gotify }))[0]).toMatchObject({
      title: expect.stringContaining("channels.gotify.clientTokenFile") as unknown,
      detail: expect.stringContaining("The file /nowhere/client does not exist.") as unknown,
    });
  });

  test("is looked for where it is written, and only where it is used", async () => {
    const files = withFiles(0o644);
    const { serverUrl, appTokenFile } = files;
    const nested = { ...good, accounts: { Ops: { appTokenFile, allowFrom: [7] } } };
    const title = async (gotify: Record<string, unknown>, accountId: string) =>
      (await findings({ gotify, accountId })).map((finding) => finding.title);
    expect(await title(nested, "ops")).toEqual([
      expect.stringContaining("channels.gotify.accounts.Ops.appTokenFile"),
    ]);
    const inherited = { ...files, accounts: { ops: { allowFrom: [7] } } };
    expect(await title(inherited, "ops")).toEqual([
      expect.stringContaining("channels.gotify.appTokenFile"),
    ]);
    // A token of its own, a server of its own, and a token that wins over the file.
    const own = { appToken: APP_SECRET, clientToken: CLIENT_SECRET, allowFrom: [7] };
    expect(await title({ ...files, accounts: { ops: own } }, "ops")).toEqual([]);
    const foreign = { ...own, serverUrl };
    expect(await title({ ...files, accounts: { ops: foreign } }, "ops")).toEqual([]);
    expect(await ids({ gotify: { ...good, appTokenFile } })).toEqual([]);
  });

  test("takes the place of an inherited token in plain text", async () => {
    const { appTokenFile, clientTokenFile } = withFiles(0o600);
    const ops = { appTokenFile, clientTokenFile, allowFrom: [7] };
    expect(await ids({ gotify: { ...twoTokens, accounts: { ops } }, accountId: "ops" })).toEqual(
      [],
    );
  });
});

describe("a client key's file", () => {
  const pair = createAuthority("Home CA").issue("the bridge");

  /** A connection whose key has this mode. */
  function withKey(mode: number) {
    const folder = mkdtempSync(join(tmpdir(), "openclaw-gotify-key-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const clientCertFile = join(folder, "client.pem");
    const clientKeyFile = join(folder, "client.key");
    writeFileSync(clientCertFile, pair.cert);
    writeFileSync(clientKeyFile, pair.key);
    chmodSync(clientKeyFile, mode);
    return { clientCertFile, clientKeyFile };
  }

  test.each([0o600, 0o400])("is left alone with the mode %o", async (mode) => {
    expect(await ids({ gotify: { ...good, connection: withKey(mode) } })).toEqual([]);
  });

  test.each([0o640, 0o604])("is found with the mode %o, as a token's file is", async (mode) => {
    const connection = withKey(mode);
    const gotify = { ...good, connection };
    expect(await ids({ gotify })).toEqual(["key_file_open warn"]);
    expect((await findings({ gotify }))[0]).toMatchObject({
      title:
        "The client key in channels.gotify.connection.clientKeyFile can be read by other users of this machine",
      detail: `${connection.clientKeyFile} has the mode ${mode.toString(8)}: it gives rights to others than its owner.`,
      remediation: `chmod 600 ${connection.clientKeyFile}`,
    });
  });

  test("is looked for where it is written, and only where it is used", async () => {
    const connection = withKey(0o644);
    const titles = async (gotify: Record<string, unknown>) =>
      (await findings({ gotify, accountId: "ops" })).map((finding) => finding.title);
    const own = { ...good, accounts: { Ops: { connection, allowFrom: [7] } } };
    expect(await titles(own)).toEqual([
      expect.stringContaining("channels.gotify.accounts.Ops.connection.clientKeyFile"),
    ]);
    const timeout = { connection: { timeoutSeconds: 9 }, allowFrom: [7] };
    expect(await titles({ ...good, connection, accounts: { ops: timeout } })).toEqual([
      expect.stringContaining("channels.gotify.connection.clientKeyFile"),
    ]);
    // A server of its own, a key that wins over the file, and a file that is not there.
    expect(await titles({ ...good, connection, accounts: { ops: good } })).toEqual([]);
    const inline = { ...connection, clientKey: pair.key };
    expect(await ids({ gotify: { ...good, connection: inline } })).toEqual([]);
    const gone = { ...connection, clientKeyFile: "/nowhere/client.key" };
    expect(await ids({ gotify: { ...good, connection: gone } })).toEqual([]);
  });
});
