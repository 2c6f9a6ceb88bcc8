// Owns what the real `openclaw security audit` says about a good and a bad configuration of the installed plugin.
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execFileSync } from "node:child_process";
import { expect, inject, onTestFinished, test } from "vitest";
import { z } from "zod";
import { gatewayConfig } from "../support/gateway-config.ts";
import {
  createHome,
  runOpenClaw,
  writeConfig,
  type JsonObject,
  type OpenClawHome,
} from "../support/openclaw.ts";

const APP_TOKEN = "AgeheimGeheim01";
const CLIENT_TOKEN = "CgeheimGeheim01";
const AUDIT_TIMEOUT_MS = 110_000;

const Report = z.object({
  findings: z.array(
    z.object({
      checkId: z.string(),
      severity: z.string(),
      title: z.string(),
      detail: z.string(),
      remediation: z.string().optional(),
    }),
  ),
});

type AuditFinding = z.infer<typeof Report>["findings"][number];

/** A home with the configuration, and a file with the client's token of the given mode. */
function configured(
  gotify: (tokenFile: (mode: number) => string) => JsonObject,
  sections: JsonObject,
): OpenClawHome {
  const home: OpenClawHome = createHome({
    template: inject("installedState"),
    parent: inject("homesFolder"),
  });
  onTestFinished(() => home.remove());
  const tokenFile = (mode: number): string => {
    const path = join(home.dir, `token-${mode.toString(8)}`);
    writeFileSync(path, `${CLIENT_TOKEN}\n`);
    // Whatever the umask says.
    chmodSync(path, mode);
    return path;
  };
  const setup = { port: 18_789, token: "x".repeat(32), model: { url: "http://127.0.0.1:9" } };
  writeConfig(home, gatewayConfig(home, { ...setup, gotify: gotify(tokenFile), sections }));
  return home;
}

/** The channel's findings, and everything that was printed. */
async function audit(home: OpenClawHome, env: Record<string, string> = {}) {
  const options = { env, timeoutMs: AUDIT_TIMEOUT_MS };
  const { stdout, stderr } = await runOpenClaw(home, ["security", "audit", "--json"], options);
  const { findings } = Report.parse(JSON.parse(stdout));
  const own = findings.filter(({ checkId }) => checkId.startsWith("channels."));
  return { own, printed: stdout + stderr };
}

test("a good configuration has no finding", async () => {
  const home = configured(
    (tokenFile) => ({
      serverUrl: "https://push.example.com",
      appToken: "${GOTIFY_APP_TOKEN}",
      clientTokenFile: tokenFile(0o600),
      dmPolicy: "allowlist",
      allowFrom: ["5", "6"],
      commandsFrom: ["5"],
      approvers: ["5"],
    }),
    {
      session: { dmScope: "per-account-channel-peer" },
      commands: { ownerAllowFrom: ["gotify:default/5"] },
    },
  );
  const { own, printed } = await audit(home, { GOTIFY_APP_TOKEN: APP_TOKEN });
  expect(own).toEqual([]);
  expect(printed).not.toMatch(/geheim/i);
});

test("a bad one has a finding with a remedy for each fault, and none of them shows a token", async () => {
  const home = configured(
    (tokenFile) => ({
      allowFrom: ["5", "*"],
      dmPolicy: "open",
      approvers: ["6"],
      accounts: {
        home: {
          serverUrl: "http://push.example.com",
          connection: { dangerouslyAllowCleartext: true },
          appToken: APP_TOKEN,
          clientToken: CLIENT_TOKEN,
          allowFrom: ["*"],
          approvers: ["6"],
        },
        work: {
          serverUrl: "http://192.168.1.20",
          appToken: APP_TOKEN,
          clientTokenFile: tokenFile(0o644),
        },
        lost: {
          serverUrl: "https://lost.example.com",
          appToken: APP_TOKEN,
          clientTokenFile: "/nowhere/client-token",
        },
      },
    }),
    { commands: { ownerAllowFrom: ["gotify:home/7"] } },
  );
  const { own, printed } = await audit(home);
  const ids = new Set(own.map(({ checkId, severity }) => `${checkId} ${severity}`));
  for (const expected of [
    // The host's own.
    "channels.gotify.dm.open critical",
    "channels.gotify.token_in_config warn",
    "channels.gotify.token_file_open warn",
    "channels.gotify.token_file_unreadable warn",
    "channels.gotify.cleartext critical",
    "channels.gotify.cleartext_private warn",
    "channels.gotify.everyone_allowed critical",
    "channels.gotify.shared_main_session warn",
    "channels.gotify.machine_approver warn",
    "channels.gotify.machine_owner warn",
    "channels.gotify.ids_not_inherited info",
  ]) {
    expect(ids).toContain(expected);
  }
  for (const { checkId, remediation } of own) expect(remediation, checkId).toBeTruthy();
  expect(printed).not.toMatch(/geheim/i);
});

/** Findings of the host's own, which say what ours say, or what those lead to. */
const HOSTS_OWN = /^channels\.(?:dm\.session_collision\.|gotify\.dm\.locked$)/;
/** Another than the environment's, which is where a text in the configuration may come from. */
const WRITTEN_TOKEN = "AgeheimGeheim02";
const TOKENS = { GOTIFY_APP_TOKEN: APP_TOKEN, GOTIFY_WORK_APP_TOKEN: APP_TOKEN };

/** What a person does who takes the remedy at its word: `openclaw` with these arguments, or a line of the shell. */
function followed({ checkId, remediation = "" }: AuditFinding): readonly string[] | string {
  const command = /openclaw (config set \S+ (?:'[^']+'|\S+))/.exec(remediation)?.[1];
  if (command !== undefined) return command.split(" ").map((word) => word.replaceAll("'", ""));
  if (remediation.startsWith("chmod ")) return remediation;
  const place = (words: RegExp): string => words.exec(remediation)?.[1] ?? "";
  const set = (path: string, value: unknown): readonly string[] => [
    "config",
    "set",
    path,
    JSON.stringify(value),
  ];
  switch (checkId.replace("channels.gotify.", "")) {
    case "cleartext":
    case "cleartext_private":
      return set(place(/write https:\/\/ into (\S+)\.$/), "https://push.example.com");
    case "token_in_config":
      return set(place(/set (\S+) to /), place(/to "(\$\{\w+\})"/));
    case "everyone_allowed":
      return set(place(/Replace "\*" in (\S+) /), ["5", "6"]);
    case "machine_approver":
      return set(place(/Remove it from (\S+), or/), ["5"]);
    case "machine_owner":
      return set(place(/Remove it from (\S+), or/), []);
    case "ids_not_inherited":
      return set(place(/applications into (\S+)\.$/), ["7"]);
    default:
      throw new Error(`Nobody knows how to follow ${checkId}: ${remediation}`);
  }
}

test("every remedy that is followed to the letter ends its finding, until there is none", async () => {
  const home = configured(
    (tokenFile) => ({
      serverUrl: "http://192.168.1.20",
      appToken: WRITTEN_TOKEN,
      clientTokenFile: tokenFile(0o644),
      dmPolicy: "pairing",
      allowFrom: ["5", "*"],
      commandsFrom: ["5"],
      approvers: ["5", "6"],
      accounts: {
        work: {
          serverUrl: "http://push.example.com",
          connection: { dangerouslyAllowCleartext: true },
          appToken: WRITTEN_TOKEN,
          clientTokenFile: tokenFile(0o640),
        },
      },
    }),
    { commands: { ownerAllowFrom: ["gotify:default/6"] } },
  );
  const seen = new Set<string>();
  let rounds = 0;
  for (let open = await audit(home, TOKENS); open.own.length > 0; rounds += 1) {
    expect(rounds, JSON.stringify(open.own)).toBeLessThan(5);
    for (const finding of open.own.filter(({ checkId }) => !HOSTS_OWN.test(checkId))) {
      seen.add(finding.checkId.replace("channels.gotify.", ""));
      const todo = followed(finding);
      if (typeof todo === "string") {
        execFileSync("sh", ["-c", todo]);
        continue;
      }
      const options = { env: TOKENS, timeoutMs: AUDIT_TIMEOUT_MS };
      const done = await runOpenClaw(home, todo, options);
      expect([done.code, done.stderr], `${finding.checkId}: ${todo.join(" ")}`).toEqual([
        0,
        expect.any(String),
      ]);
    }
    const before = new Set(open.own.map(({ checkId, title }) => `${checkId} ${title}`));
    open = await audit(home, TOKENS);
    // What was mended may leave another one to be mended, and never the same.
    expect(open.own.filter(({ checkId, title }) => before.has(`${checkId} ${title}`))).toEqual([]);
  }
  expect([...seen].toSorted()).toEqual([
    "cleartext",
    "cleartext_private",
    "everyone_allowed",
    "ids_not_inherited",
    "machine_approver",
    "machine_owner",
    "pairing_makes_owner",
    "shared_main_session",
    "token_file_open",
    "token_in_config",
  ]);
}, 300_000);

test("applications of two servers that would share a session are found, and parted by the remedy", async () => {
  const one = (url: string, appToken: string) => ({
    serverUrl: url,
    appToken,
    dmPolicy: "allowlist",
    allowFrom: ["5"],
  });
  const home = configured(
    (tokenFile) => ({
      accounts: {
        home: {
          ...one("https://h.example", "${GOTIFY_APP_TOKEN}"),
          clientTokenFile: tokenFile(0o600),
        },
        work: {
          ...one("https://w.example", "${GOTIFY_APP_TOKEN}"),
          clientTokenFile: tokenFile(0o600),
        },
      },
    }),
    { session: { dmScope: "per-channel-peer" } },
  );
  const { own } = await audit(home, TOKENS);
  expect(own.map(({ checkId }) => checkId)).toContain("channels.gotify.shared_session");
  for (const todo of own.filter(({ checkId }) => !HOSTS_OWN.test(checkId)).map(followed)) {
    if (typeof todo === "string") throw new Error(`Not for openclaw: ${todo}`);
    await runOpenClaw(home, todo, { env: TOKENS, timeoutMs: AUDIT_TIMEOUT_MS });
  }
  expect((await audit(home, TOKENS)).own).toEqual([]);
});
