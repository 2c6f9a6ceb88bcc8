// Owns keeping addresses out of what is told to programs and pages: whoever may see that a bridge is ill need not learn where its server stands.

/** What stands in their place. */
const HIDDEN = "(address)";

const URL_PATTERN = /\b(?:https?|wss?|socks5?):\/\/(?:\[[0-9a-f:.%]+\]|[^\s"'<>)\],;])+/giu;
const IPV6_PATTERN =
  /\[[0-9a-f.%]*:[0-9a-f:.%\w]*\](?::\d+)?|(?<![\w:])(?:[0-9a-f]{1,4}:){7}[0-9a-f]{1,4}(?![\w:])|(?<![\w:])[0-9a-f:]*::[0-9a-f:.]*(?:%\w+)?/giu;
const IPV4_PATTERN = /(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?::\d+)?(?![\w.]*\d)/gu;
/** A name in front of a port: `push.lan:8080`. */
const HOST_PORT_PATTERN = /(?<![\w.-])[a-z][\w-]*(?:\.[\w-]+)*:\d{2,5}(?!\d)/giu;
/** What Node's own errors name behind the call: `getaddrinfo ENOTFOUND push.lan`. */
const LOOKUP_PATTERN = /\b(ENOTFOUND|EAI_AGAIN)\s+[\w.-]+(?::\d+)?/gu;
/** A name of a single word is told from ordinary words by what stands around it alone. */
const IS_TELLING = /\./u;

/**
 * The text without URLs, IP addresses, names with ports, and the name of the account's own server.
 *
 * @param serverUrl the account's server, whose name may also stand alone.
 */
export function withoutAddresses(text: string, serverUrl?: string): string {
  const host =
    serverUrl !== undefined && URL.canParse(serverUrl) ? new URL(serverUrl).hostname : "";
  const told = text
    .replaceAll(URL_PATTERN, (url) => `${HIDDEN}${/[.:!?]+$/u.exec(url)?.[0] ?? ""}`)
    .replaceAll(LOOKUP_PATTERN, "$1");
  return (IS_TELLING.test(host) ? told.replaceAll(host, HIDDEN) : told)
    .replaceAll(IPV6_PATTERN, HIDDEN)
    .replaceAll(IPV4_PATTERN, HIDDEN)
    .replaceAll(HOST_PORT_PATTERN, HIDDEN);
}
