// Owns what leaves the house over HTTP: texts without secrets, URLs, host names and IP addresses, whoever wrote them.
import { isIPv4, isIPv6 } from "node:net";
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { accountsInOrder } from "../../config/accounts.ts";
import { readHealthToken } from "../../config/health-token.ts";
import { redact } from "../../gotify/redact.ts";
import { asObject } from "../../gotify/parse.ts";

/** What stands in an address's place. */
export const WITHHELD = "(address)";

/** What stands between two of these is looked at as one: a word, a path, an address with its port. */
const WORD = /[^\s"'`<>(),;{}|=@“”‘’«»„…]+/gu;
/** Bounded, or a long text without a colon would be read once for each of its letters. */
const URL_LIKE = /[a-z][a-z0-9+.-]{0,30}:\/\/[\p{L}\p{N}_%@:[-][^\s"'`<>(){}|“”‘’«»„…]*/giu;
/** A sentence, or a label in it, may end right behind an address. */
const PUNCTUATION = /[.:!?]{1,8}$/u;
const BRACKETS = /^\[([^\]]*)\](?::\d*)?$/u;
const PORT = /:(\d{1,5})$/u;
/** Labels with a dot between them, the last of which begins with a letter. */
const DOTTED_NAME = /^(?:[\p{L}\p{N}_](?:[\p{L}\p{N}_-]*[\p{L}\p{N}_])?\.)+\p{L}[\p{L}\p{N}_-]*$/u;
const MAX_NAME_LENGTH = 253;
/** One word in front of a port: `nas:8080`. A time of day begins with a digit. */
const SINGLE_NAME = /^[a-z][a-z0-9-]*$/iu;
/** `app:12` is a target, `error:42` a number. */
const NO_HOST =
  /^(?:account|app|appid|application|code|error|id|line|peer|port|priority|status)$/iu;
/** What the resolver and the socket name without a dot: `getaddrinfo ENOTFOUND nas`. */
const AFTER_CODE = /\b((?:getaddrinfo|connect) E[A-Z_]+|ENOTFOUND|EAI_AGAIN) ([\w.:-]*\w)/gu;
/** `A…`, `C…` and `P…` of Gotify 2, `gtfy…` of Gotify 3, where the configuration does not know them. */
const TOKEN_LIKE = /(?<![\w.-])(?:gtfy[a-z]\.[\w.-]{8,}|[ACP](?=[\w.-]*\d)[\w.-]{14}(?![\w.-]))/gu;

/** Keys of configurations look like names: the first word is a section's, and the last is no domain's. */
const KEY_PATH =
  /^(?:agents|approvals|bindings|botLoopProtection|channels|commands|connection|cron|extras|fromAgents|gateway|gotify|inbound|logging|messages|models|outbound|pairing|plugins|priorities|proxy|secrets|session|streaming|tools)\.[\w.<>*-]*$/u;
const DOMAIN_ENDING =
  /\.(?:[a-z]{2}|app|arpa|cloud|com|corp|dev|home|host|info|internal|intranet|lan|local|localdomain|localhost|me|net|online|org|private|server|site|test|example|invalid|xyz)$/iu;
const FILE_ENDING =
  /\.(?:cer|conf|crt|css|csv|db|env|html|js|json|json5|jsonl|key|lock|log|mjs|p12|pem|shm|sock|sqlite|sqlite3|sql|svg|tgz|ts|txt|wal|xml|ya?ml)$/iu;
const PRODUCTS = /^(?:node\.js|e\.g|i\.e|a\.m|p\.m)$/iu;

/** Names of one word that are ordinary words of our own texts: there they mean no machine. */
const OUR_WORDS = new Set(["gotify", "openclaw", "server", "push", "host", "default", "message"]);
const BEFORE_A_NAME = /(?:\b(?:at|to|from|by|host|server|named?|reach|resolve)\s+["']?)$/iu;

export type Withhold = (text: string) => string;

/** What must not be told of a configuration, made once for an answer. */
export function withholding(cfg: OpenClawConfig): Withhold {
  const accounts = accountsInOrder(cfg);
  const health = readHealthToken(cfg);
  const secrets = [
    ...accounts.flatMap(({ appToken, clientToken, connection }) => [
      appToken,
      clientToken,
      connection.clientKey,
      ...Object.values(connection.headers),
    ]),
    health.kind === "token" ? health.token : undefined,
  ].filter((secret) => secret !== undefined);
  const names = accounts.flatMap(({ serverUrl }) =>
    serverUrl !== undefined && URL.canParse(serverUrl) ? [new URL(serverUrl).hostname] : [],
  );
  return withholdingThese(secrets, names);
}

/** @param names hosts that are known to be in use, also those of a single word. */
export function withholdingThese(secrets: readonly string[], names: readonly string[]): Withhold {
  const known = [...new Set(names.map((name) => name.toLowerCase()))]
    .filter((name) => name !== "")
    .sort((one, other) => other.length - one.length);
  return (text) =>
    withoutNames(
      redact(text, secrets)
        .replaceAll(TOKEN_LIKE, "…")
        .replaceAll(URL_LIKE, (url) => WITHHELD + (/[.:!?,;]+$/u.exec(url)?.[0] ?? ""))
        .replaceAll(AFTER_CODE, `$1 ${WITHHELD}`)
        .replaceAll(WORD, withoutAddress),
      known,
    );
}

/** Every text in it, however deep; keys and everything else stay. */
export function withholdAll<T>(value: T, withhold: Withhold): T {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- texts become texts: the shape stays
  return mapTexts(value, withhold) as T;
}

function mapTexts(value: unknown, withhold: Withhold): unknown {
  if (typeof value === "string") return withhold(value);
  if (Array.isArray(value)) return value.map((entry: unknown) => mapTexts(entry, withhold));
  const object = asObject(value);
  if (object === undefined) return value;
  return Object.fromEntries(
    Object.entries(object).map(([key, member]) => [key, mapTexts(member, withhold)]),
  );
}

function withoutAddress(word: string): string {
  const end = PUNCTUATION.exec(word)?.[0] ?? "";
  const inner = word.slice(0, word.length - end.length);
  // A colon at the end may belong to the address or to the sentence.
  for (let length = word.length; length >= inner.length; length -= 1) {
    if (isAddress(word.slice(0, length))) return WITHHELD + word.slice(length);
  }
  const segments = inner.split("/");
  const at = segments.findIndex((segment) => isAddress(segment) || isHost(segment));
  if (at === -1) return word;
  // Behind a host comes the path of a URL; in the path of a file, one folder may be named like a host.
  const rest = at === 0 ? [] : segments.slice(at + 1).map(withoutAddress);
  return [...segments.slice(0, at), WITHHELD, ...rest].join("/") + end;
}

function isAddress(text: string): boolean {
  if (text.length > MAX_NAME_LENGTH) return false;
  const inner = BRACKETS.exec(text)?.[1] ?? text;
  return isIPv6(inner) || isIPv6(inner.replace(PORT, "")) || isIPv4(inner.replace(PORT, ""));
}

function isHost(text: string): boolean {
  if (text.length > MAX_NAME_LENGTH) return false;
  const port = PORT.exec(text)?.[1];
  const name = port === undefined ? text : text.slice(0, -port.length - 1);
  if (port !== undefined && SINGLE_NAME.test(name)) return port.length > 1 && !NO_HOST.test(name);
  if (!DOTTED_NAME.test(name) || PRODUCTS.test(name)) return false;
  if (port !== undefined) return true;
  if (/^channels\.gotify(?:\.|$)/u.test(name)) return false;
  return KEY_PATH.test(name) ? DOMAIN_ENDING.test(name) : !FILE_ENDING.test(name);
}

function withoutNames(text: string, names: readonly string[]): string {
  let rest = text;
  for (const name of names) {
    const pattern = new RegExp(
      String.raw`(?<![\p{L}\p{N}_.-])${literally(name)}(?![\p{L}\p{N}_-])`,
      "giu",
    );
    rest = rest.replaceAll(pattern, (found: string, at: number, whole: string) => {
      if (!OUR_WORDS.has(name)) return WITHHELD;
      const isAddressHere = BEFORE_A_NAME.test(whole.slice(0, at)) && found === name;
      return isAddressHere ? WITHHELD : found;
    });
  }
  return rest;
}

function literally(name: string): string {
  return Array.from(name, (one) => `\\u{${one.codePointAt(0)?.toString(16)}}`).join("");
}
