// Owns keeping addresses out of texts that somebody else wrote: whoever may see that a bridge is ill need not learn where its server or database stands.
import { isAddress, isHost } from "./addresses.ts";

/** What stands in an address's place. */
export const WITHHELD = "(address)";
/** What stands in the place of a name or password that came with it. */
const LEFT_OUT = "…";

/** What stands between two of these is looked at as one: a word, a path, an address with its port. */
const WORD = /[^\s"'`<>(),;{}|=@“”‘’«»„…?#&*!~^$+\\]+/gu;
/** The `n` of `\n` and the `2F` of `%2F`, also when it is encoded twice, belong to no word. */
const ESCAPE = /(\\u[0-9a-f]{4}|\\x[0-9a-f]{2}|\\.|%(?:25)*[0-9a-f]{2})/iu;
/** Bounded, or a long text without a colon would be read once for each of its letters. */
const URL_LIKE = /[a-z][a-z0-9+.-]{0,30}:\/\/[\p{L}\p{N}_%@:[-][^\s"'`<>(){}|“”‘’«»„…]*/giu;
/** The same as the query of another one carries it. */
const ENCODED_URL =
  /[a-z][a-z0-9+.-]{0,30}%(?:25){0,3}3a%(?:25){0,3}2f%(?:25){0,3}2f[^\s"'`<>(){}&“”‘’«»„…]*/giu;
/** A sentence, or a label in it, may end right behind an address. */
const PUNCTUATION = /[.:!?]{1,8}$/u;
const LABELS = /([:[\]])/u;
/** `*.example.com`, `.example.com`, `-10.0.0.9`. */
const IN_FRONT = /^[.-]{1,8}/u;

const IPV4 = /(?<!\d)(?<!\d\.)(?:\d{1,3}\.){3}\d{1,3}(?!\d|\.\d)(?::\d{1,5})?/gu;
const MAYBE_IPV6 = /[0-9a-f:.]{3,}/giu;
const LETTER = /[\p{L}\p{N}_]/u;
const LOCALHOST =
  /(?<![\p{L}\p{N}_-])(?:ip6-)?localhost(?:\.[\w-]+)*(?::\d{1,5})?(?![\p{L}\p{N}_-])/giu;

/** What Node, Go and databases name without a dot: a word that only its place tells to be a host. */
const NAMED_HOSTS: readonly RegExp[] = [
  /\b((?:getaddrinfo|connect) E[A-Z_]+ |ENOTFOUND |EAI_AGAIN )[\w.:-]*\w/gu,
  /\b(lookup )[\w.-]*\w(?= on |:|$)/gu,
  /\b((?:resolve|unknown|such) host:? )[\w.-]*\w/giu,
  /\b(Host: |wanted to match )[\w.-]*\w/gu,
  /\b((?:DNS|URI|host|hostname|server|addr|upstream|proxy|backend|tcp[46]?|udp[46]?):)(?!\/\/)[\p{L}\p{N}_][\p{L}\p{N}_.-]*(?::\d{1,5})?/giu,
  /\b((?:host|hostname|host name|server|machine|node|proxy|upstream)(?: (?:on|at|name|named))? (['"`]))[\w.:-]+(?=\2)/giu,
  /(?<=[\p{L}\p{N}_'"`])(@['"`]?)\p{L}[\p{L}\p{N}_.-]*(?::\d{1,5})?/gu,
  /\b((?:host|hostaddr|hostname|server|addr|address|data source)=)(?:'[^']*'|"[^"]*"|[^\s`'"&;,)]+)/giu,
];
const NAMED_OTHERS =
  /\b((?:user|username|uid|database|dbname|password|passwd|pwd)=)(?:'[^']*'|"[^"]*"|[^\s`'"&;,)]+)/giu;
/** Go's words for a certificate of other names. */
const VALID_FOR = /\bvalid for [\w.*-]+(?:, [\w.*-]+){0,99}, not [\w.*-]*\w/gu;

/** `u:pass@tcp(db)/gotify`: a password may hold anything but a blank. */
const WITH_PROTOCOL = /^@[a-z][\w+]{0,15}\([^)]*\)(?:\/[^\s"'`<>()]*[^\s"'`<>().,:;!?])?/iu;
const UP_TO_QUOTES = /[^\s"'`{}(),;<>]+/gu;
const HOST_BEHIND_AT = /^@(?:\[[^\]]*\]|[\p{L}\p{N}_.-]*[\p{L}\p{N}_])(?::\d{1,5})?(?:\/\S*)?/u;
/** What belongs to a URL whose beginning is gone. */
const REST_OF_URL = /\(address\)[?#&%][^\s"'`<>()]*[^\s"'`<>().,;:!?]/gu;
const PORT_BEHIND = /\(address\):\d{1,5}(?![\d.])/gu;

/** The text without URLs, IP addresses and host names, and without what a connection string tells besides. */
export function withoutAddresses(text: string): string {
  const named = NAMED_HOSTS.reduce(
    (rest, pattern) => rest.replaceAll(pattern, `$1${WITHHELD}`),
    text
      .replaceAll(/\S+/gu, withoutLogin)
      .replaceAll(URL_LIKE, (url) => WITHHELD + (/[.:!?,;]+$/u.exec(url)?.[0] ?? ""))
      .replaceAll(ENCODED_URL, WITHHELD)
      .replaceAll(NAMED_OTHERS, `$1${LEFT_OUT}`)
      .replaceAll(VALID_FOR, `valid for ${WITHHELD}`),
  );
  return named
    .replaceAll(LOCALHOST, WITHHELD)
    .split(ESCAPE)
    .map((part, at) =>
      at % 2 === 1
        ? part
        : part
            .replaceAll(WORD, withoutAddress)
            .replaceAll(IPV4, WITHHELD)
            .replaceAll(MAYBE_IPV6, withoutIpv6),
    )
    .join("")
    .replaceAll(REST_OF_URL, WITHHELD)
    .replaceAll(PORT_BEHIND, WITHHELD);
}

/** User, password and host in one word. */
function withoutLogin(word: string): string {
  if (!word.includes("@")) return word;
  const at = word.lastIndexOf("@");
  const [host] = WITH_PROTOCOL.exec(word.slice(at)) ?? [];
  if (host !== undefined) return WITHHELD + word.slice(at + host.length);
  return word.replaceAll(UP_TO_QUOTES, (part) => {
    const end = part.lastIndexOf("@");
    const [found] = end > 0 ? (HOST_BEHIND_AT.exec(part.slice(end)) ?? []) : [];
    if (found === undefined || !part.slice(0, end).includes(":")) return part;
    return WITHHELD + part.slice(end + found.length);
  });
}

function withoutAddress(word: string): string {
  const start = IN_FRONT.exec(word)?.[0] ?? "";
  if (start !== "") return start + withoutAddress(word.slice(start.length));
  const end = PUNCTUATION.exec(word)?.[0] ?? "";
  const inner = word.slice(0, word.length - end.length);
  // A colon at the end may belong to the address or to the sentence.
  for (let length = word.length; length >= inner.length; length -= 1) {
    if (isAddress(word.slice(0, length))) return WITHHELD + word.slice(length);
  }
  const segments = inner.split("/");
  const at = segments.findIndex((segment) => withoutHost(segment) !== segment);
  if (at === -1) return word;
  // Behind a host comes the path of a URL; in the path of a file, one folder may be named like a host.
  const rest = at === 0 ? [] : segments.slice(at + 1).map(withoutAddress);
  return [...segments.slice(0, at), withoutHost(segments[at] ?? ""), ...rest].join("/") + end;
}

/** Also behind a label: `DNS:nas.lan`, and in front of one. */
function withoutHost(segment: string): string {
  if (isAddress(segment) || isHost(segment)) return WITHHELD;
  return segment
    .split(LABELS)
    .map((part) => (isAddress(part) || isHost(part) ? WITHHELD : part))
    .join("");
}

/** In a range, behind a label: wherever no letter stands beside it. */
function withoutIpv6(run: string, at: number, whole: string): string {
  if (LETTER.test(whole[at + run.length] ?? "")) return run;
  const start = LETTER.test(whole[at - 1] ?? "") ? 1 : 0;
  if (start === 1 && !run.startsWith(":")) return run;
  const end = PUNCTUATION.exec(run)?.[0] ?? "";
  const length = [run.length, run.length - end.length].find((one) =>
    isAddress(run.slice(start, one)),
  );
  return length === undefined ? run : run.slice(0, start) + WITHHELD + run.slice(length);
}
