import { globSync, readFileSync } from "node:fs";
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { parseAst } from "rolldown/parseAst";
import { describe, expect, test } from "vitest";
import { asObject } from "../gotify/parse.ts";
import type { AccountFacts, StatusFacts } from "./facts.ts";
import { withheldStatus, withholding, withholdingThese } from "./withheld.ts";
import { WITHHELD } from "./without-addresses.ts";

const plain = withholdingThese([], []);

test("a server that is known by one word is withheld wherever it is meant, and our own words stay", () => {
  const nas = withholdingThese([], ["nas"]);
  expect(nas("NAS does not answer; nas.lan neither; bananas do")).toBe(
    `${WITHHELD} does not answer; ${WITHHELD} neither; bananas do`,
  );
  const gotify = withholdingThese([], ["gotify", "gateway"]);
  expect(gotify("Gotify at gotify does not answer: run openclaw gotify doctor")).toBe(
    `Gotify at ${WITHHELD} does not answer: run openclaw gotify doctor`,
  );
  expect(gotify("reach gotify:80 first")).toBe(`reach ${WITHHELD} first`);
  const restart = "Restart the Gateway: openclaw gateway restart";
  expect(gotify(restart)).toBe(restart);
});

test("secrets and names of the configuration are known, and what looks like a token is none of ours to tell", () => {
  const cfg: OpenClawConfig = {
    channels: {
      gotify: {
        serverUrl: "https://push.corp-net.museum/x",
        appToken: "plain-app-word",
        clientToken: "plain-client-word",
        healthToken: "monitor-secret",
        connection: { headers: { "X-Access": "Bearer header-secret" } },
      },
    },
  };
  const withhold = withholding(cfg);
  const text =
    "push.corp-net.museum plain-app-word plain-client-word monitor-secret header-secret Cabc.def-123_45 gtfya.abcdefghijkl";
  expect(withhold(text)).toBe(`${WITHHELD} … … … … … …`);
});

test.each(["AbcdefghijklmnO", "PABCDEFGHIJKLMn", "Cabc.def-123_45"])(
  "%s is a token, also at the end of a sentence",
  (token) => {
    expect(plain(`It sent ${token}. Then "${token}", and ${token}`)).toBe(
      'It sent …. Then "…", and …',
    );
  },
);

describe("what programs and commands go by stays, whatever a host is called", () => {
  const facts = (account: string): StatusFacts => {
    const one: AccountFacts = {
      account,
      name: `Mine on ${account}`,
      enabled: true,
      configured: true,
      running: true,
      receives: true,
      ok: false,
      problems: [
        {
          code: "disconnected",
          level: "error",
          message: `Gotify at http://${account}:80 (${account}) does not answer.`,
          fix: `Start it: openclaw channels login --account ${account}, or {"accountId":"${account}"}.`,
        },
      ],
      lastError: { text: `connect ECONNREFUSED ${account}`, at: "2026-11-23T16:25:21.000Z" },
      notice: { text: `see ${account}`, at: "2026-11-23T16:25:21.000Z" },
      stream: { state: "open", since: "2026-11-23T16:25:21.000Z" },
      suspended: [],
      hours: [],
    };
    return { ok: false, plugin: "2026.11.22", at: "2026-11-23T16:25:21.000Z", accounts: [one] };
  };

  test.each(["nas", "disconnected", "open", "localhost"])("an account and its host %s", (id) => {
    const given = facts(id);
    const [account] = given.accounts;
    const told = withheldStatus(given, withholdingThese([], [id], [id]));
    expect(told).toEqual({
      ...given,
      accounts: [
        {
          ...account,
          name: `Mine on ${WITHHELD}`,
          problems: [
            {
              ...account?.problems[0],
              message: `Gotify at ${WITHHELD} (${WITHHELD}) does not answer.`,
            },
          ],
          lastError: { ...account?.lastError, text: `connect ECONNREFUSED ${WITHHELD}` },
          notice: { ...account?.notice, text: `see ${WITHHELD}` },
        },
      ],
    });
  });

  test("and a host that is only called like the account goes", () => {
    const withhold = withholdingThese([], ["nas"], ["nas"]);
    expect(withhold("--account nas.lan, account nas:80, nas")).toBe(
      `--account ${WITHHELD}, account ${WITHHELD}, ${WITHHELD}`,
    );
  });
});

/** Keys begin with where they stand, versions have digits, and everything else may be a word. */
function filledIn(before: string, after: string): string {
  if (after === "." || /\d\.$/u.test(before)) return "2";
  if (/\w\.$/u.test(before)) return "gotify";
  return /^\.\w/u.test(after) ? "channels.gotify" : "work";
}

const SQL = /^\s*(?:create|delete|insert|select|update|with)\b/u;

/** What stands in a module as text for people: with a blank in it, and a word in the place of what is filled in. */
function textsIn(file: string): string[] {
  const found: string[] = [];
  const walk = (node: unknown): void => {
    if (Array.isArray(node)) return node.forEach(walk);
    const object = asObject(node);
    if (object === undefined) return;
    const { type, value, quasis } = object;
    if (type === "Literal" && typeof value === "string") found.push(value);
    if (type === "TemplateLiteral" && Array.isArray(quasis)) {
      const parts = quasis.map((part: unknown) =>
        String(asObject(asObject(part)?.["value"])?.["cooked"]),
      );
      found.push(parts.reduce((text, next) => text + filledIn(text, next) + next));
    }
    Object.values(object).forEach(walk);
  };
  walk(parseAst(readFileSync(file, "utf8"), { lang: "ts" }).body);
  return found.filter((text) => / /u.test(text.trim()) && !SQL.test(text));
}

test("our own verdicts, findings and errors come through unchanged, but for addresses in them", () => {
  const files = globSync(
    "src/{vitals,config,gotify,journal,inbound,outbound,operate,operate/doctor}/**/*.ts",
  ).filter((file) => !/\.test\.ts$|\/http\//u.test(file));
  const texts = files.flatMap(textsIn);
  expect(texts.length).toBeGreaterThan(500);
  const withhold = withholdingThese([], ["gotify", "nas"], ["work"]);
  const changed = texts
    .filter((text) => !/:\/\/|\bexample\.com\b|localhost/u.test(text))
    .filter((text) => withhold(text) !== text)
    .map((text) => `${text}\n→ ${withhold(text)}`);
  expect(changed).toEqual([]);
});
