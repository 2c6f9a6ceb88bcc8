import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { WITHHELD, withoutAddresses } from "./without-addresses.ts";

describe("what looks like an address is withheld, with port and path", () => {
  test.each([
    [
      "Gotify at https://push.example.com/sub is not reachable.",
      `Gotify at ${WITHHELD} is not reachable.`,
    ],
    ["It is at http://10.0.0.5:8080.", `It is at ${WITHHELD}.`],
    ["wss://[fe80::1%25eth0]:443/stream?x=1 was cut", `${WITHHELD} was cut`],
    ["connect ECONNREFUSED 192.168.1.20:80", `connect ECONNREFUSED ${WITHHELD}`],
    ["connect ECONNREFUSED ::1:8080", `connect ECONNREFUSED ${WITHHELD}`],
    ["connect ECONNREFUSED nas", `connect ECONNREFUSED ${WITHHELD}`],
    ["getaddrinfo ENOTFOUND nas", `getaddrinfo ENOTFOUND ${WITHHELD}`],
    ["getaddrinfo EAI_AGAIN push.lan", `getaddrinfo EAI_AGAIN ${WITHHELD}`],
    ["connect to fd00:1:2::7, to ::1", `connect to ${WITHHELD}, to ${WITHHELD}`],
    ["the peer [2001:db8::1]:443 again", `the peer ${WITHHELD} again`],
    ["the peer 2001:db8:0:1:2:3:4:5 again", `the peer ${WITHHELD} again`],
    ["10.1.2.3 and 10.1.2.3/24", `${WITHHELD} and ${WITHHELD}`],
    ["PUSH.Example.COM:8443/x said no", `${WITHHELD} said no`],
    ["bücher.example is unknown", `${WITHHELD} is unknown`],
    ["gateway.home refused", `${WITHHELD} refused`],
    ["through proxy.corp.example, messages.mycorp", `through ${WITHHELD}, ${WITHHELD}`],
    ["user@push.lan or host=10.0.0.1", `user@${WITHHELD} or host=${WITHHELD}`],
    [
      "/etc/letsencrypt/live/push.example.com/fullchain.pem",
      `/etc/letsencrypt/live/${WITHHELD}/fullchain.pem`,
    ],
    ["/etc/ssl/push.example.com.pem", `/etc/ssl/${WITHHELD}`],
    ["the proxy nas:3128 cannot be reached", `the proxy ${WITHHELD} cannot be reached`],
    ["on localhost, or localhost:8080.", `on ${WITHHELD}, or ${WITHHELD}.`],
    ["*.example.com", `*.${WITHHELD}`],
    [
      "DNS:nas, DNS:nas.lan, IP Address:10.0.0.5",
      `DNS:${WITHHELD}, DNS:${WITHHELD}, IP Address:${WITHHELD}`,
    ],
    ["tcp:10.0.0.5:80, host:push.example.com:443", `tcp:${WITHHELD}, host:${WITHHELD}`],
    ["push.example.com?x=1, push.example.com#frag", `${WITHHELD}, ${WITHHELD}`],
    ["push.example.com&x, push.example.com%20", `${WITHHELD}, ${WITHHELD}`],
    ["10.0.0.5-10.0.0.9 10.0.0.5->10.0.0.6", `${WITHHELD}-${WITHHELD} ${WITHHELD}->${WITHHELD}`],
    ["ip10.0.0.5, 10.0.0.5s", `ip${WITHHELD}, ${WITHHELD}s`],
    ["fe80::1-fe80::9", `${WITHHELD}-${WITHHELD}`],
    ["to=https%3A%2F%2Fpush.example.com%2Fx&y", `to=${WITHHELD}`],
    ["%252F10.0.0.5", `%252F${WITHHELD}`],
    [
      String.raw`"10.0.0.5\n", "\nfe80::1", "https:\/\/nas.lan\/x"`,
      String.raw`"${WITHHELD}\n", "\n${WITHHELD}", "https:\/\/${WITHHELD}\/x"`,
    ],
  ])("%s", (text, told) => {
    expect(withoutAddresses(text)).toBe(told);
  });
});

describe("what a server's database and its resolver say names no machine and no login", () => {
  test.each([
    [
      "dial tcp: lookup db on 127.0.0.11:53: no such host",
      `dial tcp: lookup ${WITHHELD} on ${WITHHELD}: no such host`,
    ],
    ["dial tcp db:5432: connection refused", `dial tcp ${WITHHELD}: connection refused`],
    [
      "failed to connect to `host=db user=gotify database=gotifydb`",
      `failed to connect to \`host=${WITHHELD} user=… database=…\``,
    ],
    ["host='db 1' password='a b' port=5432", `host=${WITHHELD} password=… port=5432`],
    ["Host 'web01' is not allowed to connect", `Host '${WITHHELD}' is not allowed to connect`],
    [
      'could not translate host name "db" to address',
      `could not translate host name "${WITHHELD}" to address`,
    ],
    [
      "Can't connect to MySQL server on 'db' (111)",
      `Can't connect to MySQL server on '${WITHHELD}' (111)`,
    ],
    ["Access denied for user 'gotify'@'web01'", `Access denied for user 'gotify'@'${WITHHELD}'`],
    ["cannot open u:pass@tcp(db)/gotify.", `cannot open ${WITHHELD}.`],
    ["cannot open u:p@ss@tcp(db:3306)/gotify?x=1", `cannot open ${WITHHELD}`],
    ["dsn u:pass@db/gotify", `dsn ${WITHHELD}`],
    ["Could not resolve host: nas", `Could not resolve host: ${WITHHELD}`],
    [
      "altnames: Host: nas. is not in the cert's altnames: DNS:push",
      `altnames: Host: ${WITHHELD}. is not in the cert's altnames: DNS:${WITHHELD}`,
    ],
    ["certificate is valid for nas, *.lan, not push", `certificate is valid for ${WITHHELD}`],
  ])("%s", (text, told) => {
    expect(withoutAddresses(text)).toBe(told);
  });
});

describe("what only resembles one stays, because somebody has to act on it", () => {
  test.each([
    "Write its token into channels.gotify.accounts.work.appToken.",
    "Set inbound.enabled, connection.caFile or session.dmScope.",
    "Run: openclaw gotify doctor --account work",
    "The journal ~/.openclaw/gotify/default.sqlite can be read by others: chmod 600 it.",
    "default.sqlite-wal, openclaw.json.bak and made-clients.json",
    "Gotify 2.6.3 on Node 26.10.0, plugin 2026.11.22",
    "since 2026-11-23T16:25:21.123Z, at 16:25:21, at 16:25",
    "Call gotify.deadLetters.resubmit for app:12 or account:5, with operator.read.",
    "It answered 401: you need to provide a valid access token",
    "It is valid for 12 days, and the host is not the server's.",
    "Authentications, Characteristics and Communications.",
    "It is reached by http://, so there is no certificate: use https://.",
    "Edit openclaw.json; see node:sqlite, e.g. by hand: npm install openclaw@2026.9.6",
    "client::notification is not an object",
    "Is it 100% sure? Yes: 5 * 3 = 15 & more!",
  ])("%s", (text) => {
    expect(withoutAddresses(text)).toBe(text);
  });
});

/** A domain that ends like a file is taken for one. */
const NO_FILE =
  /\.(?:bak|cer|conf|crt|css|csv|db|env|gz|html|js|json|key|lock|log|mjs|old|pem|shm|sock|sql|sqlite|svg|tgz|tmp|ts|txt|wal|xml|ya?ml)$/iu;
const name = fc
  .domain()
  .filter((one) => !NO_FILE.test(one))
  .map((one) => one.toLowerCase());
const ip = fc.oneof(
  fc.ipV4(),
  fc.ipV6().filter((one) => one !== "::" && one.length > 4),
);

/** Where programs put addresses. */
const FRAMES: readonly ((one: string) => string)[] = [
  (one) => `at ${one} it ends`,
  (one) => `(${one})`,
  (one) => `"${one}", again`,
  (one) => `'${one}'`,
  (one) => `${one}: no`,
  (one) => `${one}.`,
  (one) => `${one}!`,
  (one) => `${one}/path`,
  (one) => `${one}?x=1`,
  (one) => `${one}#frag`,
  (one) => `${one}&x`,
  (one) => `${one}%20x`,
  (one) => `x%20${one}`,
  (one) => `%252F${one}`,
  (one) => JSON.stringify(`${one}\n${one}\t"${one}"`),
  (one) => `${one}-${one}`,
  (one) => `${one}->${one}`,
  (one) => `DNS:${one}, IP Address:${one}`,
  (one) => `lookup ${one} on ${one}: no such host`,
  (one) => `host=${one} user=x`,
  (one) => `'u'@'${one}'`,
  (one) => `u@${one}`,
  (one) => `u:pw@tcp(${one})/db`,
  (one) => `a=${one};b=[${one}]`,
  (one) => `<${one}>,${one}|${one}`,
];
const NAME_FRAMES: readonly ((one: string) => string)[] = [
  (one) => `*.${one}`,
  (one) => `.${one}`,
  (one) => `tcp:${one}:80`,
  (one) => `${one}:443`,
  (one) => `${one}:https`,
  (one) => `/etc/live/www.${one}.pem`,
  (one) => `https%3A%2F%2F${one}%2Fx`,
  (one) => `https:\\/\\/${one}\\/x`,
];
/** They are found by their place alone. */
const WORD_FRAMES: readonly ((one: string) => string)[] = [
  (one) => `lookup ${one} on 10.0.0.1:53`,
  (one) => `dial tcp: lookup ${one}: no such host`,
  (one) => `connect ECONNREFUSED ${one}`,
  (one) => `getaddrinfo ENOTFOUND ${one}`,
  (one) => `Host '${one}' is not allowed`,
  (one) => `'gotify'@'${one}'`,
  (one) => `u:pass@tcp(${one})/gotify`,
  (one) => `failed to connect to \`host=${one} user=gotify\``,
  (one) => `dial tcp ${one}:5432: no`,
  (one) => `DNS:${one}`,
];

test.each([
  ["an IP address", ip, FRAMES],
  ["a name", name, [...FRAMES, ...NAME_FRAMES]],
  ["a name of one word", fc.stringMatching(/^[a-z]{2}zq[a-z0-9]{1,10}$/u), WORD_FRAMES],
  [
    "a URL",
    fc.webUrl().map((one) => new URL(one).hostname),
    [
      (one: string) => `at https://${one}/x?y=1#z it ends`,
      (one: string) => encodeURIComponent(`https://${one}/x`),
    ],
  ],
])("%s gets through between no words", (_, addresses, frames) => {
  fc.assert(
    fc.property(addresses, (one) => {
      for (const frame of frames) {
        const told = withoutAddresses(frame(one)).toLowerCase();
        expect(told, frame(one)).not.toContain(one.toLowerCase());
      }
    }),
    { numRuns: 300 },
  );
});

test("a long text takes no time worth speaking of", () => {
  const units = [
    "a.",
    "a:",
    "1.",
    "[",
    "a-",
    "a",
    "http://",
    "::",
    "a/",
    "x ",
    "@",
    "a@",
    "a:@",
    "(address)?",
    "%25",
    "\\",
    "host=",
    "host='",
    "valid for a, ",
    "lookup a",
    "0:",
    "user=",
  ];
  for (const unit of units) {
    const before = performance.now();
    withoutAddresses(unit.repeat(20_000));
    expect(performance.now() - before, unit).toBeLessThan(1_000);
  }
});
