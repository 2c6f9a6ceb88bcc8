// Owns what leaves the house: texts without secrets, URLs, host names and IP addresses, whoever wrote them, and which members of the facts are such texts.
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { accountsInOrder } from "../config/accounts.ts";
import { readHealthToken } from "../config/health-token.ts";
import type { ResolvedAccount } from "../config/types.ts";
import { redact } from "../gotify/redact.ts";
import type { AccountFacts, StatusFacts } from "./facts.ts";
import { WITHHELD, withoutAddresses } from "./without-addresses.ts";

/** `A…`, `C…` and `P…` of Gotify 2, `gtfy…` of Gotify 3, where the configuration does not know them. */
const TOKEN_LIKE =
  /(?<![\w.-])(?:gtfy[a-z]\.[\w.-]{8,}|[ACP](?=[\w.-]*\d|[\w.-]*[a-z][\w.-]*[A-Z]|[\w.-]*[A-Z][\w.-]*[a-z])[\w.-]{14}(?![\w-]|\.[\w-]))/gu;

/** Names of one word that are ordinary words of our own texts and commands: there they mean no machine. */
const OUR_WORDS = new Set([
  ..."account address application audit call channels check client confirm default doctor".split(
    " ",
  ),
  ..."error gateway gotify grants health host journal list log login logs message openclaw".split(
    " ",
  ),
  ..."phone push reload restart secrets server start status stream token update user".split(" "),
]);
const BEFORE_A_NAME = /(?:\b(?:at|to|from|by|host|server|named?|reach|resolve)\s+["']?)$/iu;

export type Withhold = (text: string) => string;

/** What must not be told of a configuration, made once for an answer. */
export function withholding(cfg: OpenClawConfig): Withhold {
  const health = readHealthToken(cfg);
  return withholdingOf(accountsInOrder(cfg), health.kind === "token" ? [health.token] : []);
}

/** The same for some of its accounts. */
export function withholdingOf(
  accounts: readonly ResolvedAccount[],
  more: readonly string[] = [],
): Withhold {
  const secrets = accounts
    .flatMap(({ appToken, clientToken, connection }) => [
      appToken,
      clientToken,
      connection.clientKey,
      ...Object.values(connection.headers),
    ])
    .filter((secret) => secret !== undefined);
  const names = accounts.flatMap(({ serverUrl }) =>
    serverUrl !== undefined && URL.canParse(serverUrl) ? [new URL(serverUrl).hostname] : [],
  );
  const ids = accounts.map(({ accountId }) => accountId);
  return withholdingThese([...secrets, ...more], names, ids);
}

/**
 * @param names hosts that are known to be in use, also those of a single word.
 * @param ids of accounts: in a command that names one it stays, also where a host is called the same.
 */
export function withholdingThese(
  secrets: readonly string[],
  names: readonly string[],
  ids: readonly string[] = [],
): Withhold {
  const known = [...new Set(names.map((name) => name.toLowerCase()))]
    .filter((name) => name !== "")
    .sort((one, other) => other.length - one.length)
    .map((name) => ({ name, pattern: nameAlone(name) }));
  const kept = accountNamed(ids);
  const withoutNames = (text: string): string =>
    known.reduce(
      (rest, { name, pattern }) =>
        rest.replaceAll(pattern, (found: string, at: number, whole: string) => {
          if (!OUR_WORDS.has(name)) return WITHHELD;
          const isAddressHere = BEFORE_A_NAME.test(whole.slice(0, at)) && found === name;
          return isAddressHere ? WITHHELD : found;
        }),
      text,
    );
  return (text) =>
    redact(text, secrets)
      .split(kept)
      .map((part, at) =>
        at % 2 === 1 ? part : withoutNames(withoutAddresses(part.replaceAll(TOKEN_LIKE, "…"))),
      )
      .join("");
}

/** What programs go by stays as it is, whatever a host is called. */
export function withheldStatus(facts: StatusFacts, withhold: Withhold): StatusFacts {
  return {
    ...facts,
    accounts: facts.accounts.map((account) => withheldAccount(account, withhold)),
  };
}

function withheldAccount(account: AccountFacts, withhold: Withhold): AccountFacts {
  const { name, lastError, notice } = account;
  return {
    ...account,
    problems: account.problems.map((problem) => withheldRemark(problem, withhold)),
    ...(name === undefined ? {} : { name: withhold(name) }),
    ...(lastError === undefined
      ? {}
      : { lastError: { ...lastError, text: withhold(lastError.text) } }),
    ...(notice === undefined ? {} : { notice: { ...notice, text: withhold(notice.text) } }),
  };
}

/** A problem of an account, or a finding of the doctor. */
export function withheldRemark<T extends { readonly message: string; readonly fix?: string }>(
  remark: T,
  withhold: Withhold,
): T {
  const { message, fix } = remark;
  return {
    ...remark,
    message: withhold(message),
    ...(fix === undefined ? {} : { fix: withhold(fix) }),
  };
}

function nameAlone(name: string): RegExp {
  return new RegExp(String.raw`(?<![\p{L}\p{N}_.-])${literally(name)}(?![\p{L}\p{N}_-])`, "giu");
}

/** An account as our commands and sentences name it; the id itself is the only group. */
function accountNamed(ids: readonly string[]): RegExp {
  if (ids.length === 0) return /(?!)/u;
  const any = ids.map(literally).join("|");
  return new RegExp(
    String.raw`(?<=--account |"accountId":"|\baccount "?)(${any})(?![\p{L}\p{N}_-]|[.:][^\s"])`,
    "iu",
  );
}

function literally(name: string): string {
  return Array.from(name, (one) => `\\u{${one.codePointAt(0)?.toString(16)}}`).join("");
}
