import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { withholdAll, withholding, withholdingThese, WITHHELD } from "./withheld.ts";

const plain = withholdingThese([], []);

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
    ["getaddrinfo ENOTFOUND nas", `getaddrinfo ENOTFOUND ${WITHHELD}`],
    ["getaddrinfo EAI_AGAIN push.lan", `getaddrinfo EAI_AGAIN ${WITHHELD}`],
    ["the peer 2001:db8::7334, again", `the peer ${WITHHELD}, again`],
    ["the peer [2001:db8::1]:443 again", `the peer ${WITHHELD} again`],
    ["the peer 2001:db8:0:1:2:3:4:5 again", `the peer ${WITHHELD} again`],
    ["10.1.2.3 and 10.1.2.3/24", `${WITHHELD} and ${WITHHELD}`],
    ["PUSH.Example.COM:8443/x said no", `${WITHHELD} said no`],
    ["bücher.example is unknown", `${WITHHELD} is unknown`],
    ["gateway.home refused", `${WITHHELD} refused`],
    ["user@push.lan or host=10.0.0.1", `user@${WITHHELD} or host=${WITHHELD}`],
    [
      "/etc/letsencrypt/live/push.example.com/fullchain.pem",
      `/etc/letsencrypt/live/${WITHHELD}/fullchain.pem`,
    ],
    ["the proxy nas:3128 cannot be reached", `the proxy ${WITHHELD} cannot be reached`],
  ])("%s", (text, told) => {
    expect(plain(text)).toBe(told);
  });
});

describe("what only resembles one stays, because somebody has to act on it", () => {
  test.each([
    "Write its token into channels.gotify.accounts.work.appToken.",
    "Set inbound.enabled, connection.caFile or session.dmScope.",
    "Run: openclaw gotify doctor --account work",
    "The journal ~/.openclaw/gotify/default.sqlite can be read by others: chmod 600 it.",
    "Gotify 2.6.3 on Node 26.10.0, plugin 2026.11.22",
    "since 2026-11-23T16:25:21.123Z, at 16:25:21, at 16:25",
    "Call gotify.deadLetters.resubmit for app:12 or account:5.",
    "It answered 401: you need to provide a valid access token",
    "Authentications, Characteristics and Communications.",
    "It is reached by http://, so there is no certificate: use https://.",
    "Edit openclaw.json; see node:sqlite, e.g. by hand.",
  ])("%s", (text) => {
    expect(plain(text)).toBe(text);
  });
});

test("a server that is known by one word is withheld wherever it is meant, and our own words stay", () => {
  const nas = withholdingThese([], ["nas"]);
  expect(nas("NAS does not answer; nas.lan neither; bananas do")).toBe(
    `${WITHHELD} does not answer; ${WITHHELD} neither; bananas do`,
  );
  const gotify = withholdingThese([], ["gotify"]);
  expect(gotify("Gotify at gotify does not answer: run openclaw gotify doctor")).toBe(
    `Gotify at ${WITHHELD} does not answer: run openclaw gotify doctor`,
  );
  expect(gotify("reach gotify:80 first")).toBe(`reach ${WITHHELD} first`);
});

test("secrets and names of the configuration are known, and what looks like a token is none of ours to tell", () => {
  const cfg: OpenClawConfig = {
    channels: {
      gotify: {
        serverUrl: "https://push.corp-net.museum/x",
        appToken: "AgeheimGeheim01",
        clientToken: "CgeheimGeheim01",
        healthToken: "monitor-secret",
        connection: { headers: { "X-Access": "Bearer header-secret" } },
      },
    },
  };
  const withhold = withholding(cfg);
  const text =
    "push.corp-net.museum AgeheimGeheim01 CgeheimGeheim01 monitor-secret header-secret Cabc.def-123_45 gtfya.abcdefghijkl";
  expect(withhold(text)).toBe(`${WITHHELD} … … … … … …`);
});

test("every text is looked at, however deep, and nothing else changes", () => {
  const told = { ok: false, at: 5, list: [{ text: "http://10.0.0.1" }, "10.0.0.2", null] };
  expect(withholdAll(told, plain)).toEqual({
    ok: false,
    at: 5,
    list: [{ text: WITHHELD }, WITHHELD, null],
  });
});

test("no address gets through between any words", () => {
  const address = fc.oneof(
    fc.ipV4(),
    fc.ipV6().filter((one) => one !== "::" && one.length > 4),
    fc.webUrl(),
    fc
      .tuple(fc.domain(), fc.integer({ min: 10, max: 65_535 }))
      .map(([name, port]) => `${name}:${port}`),
  );
  fc.assert(
    fc.property(address, (one) => {
      for (const text of [`at ${one} it ends`, `(${one})`, `"${one}", again`, `${one}: no`]) {
        expect(plain(text)).not.toContain(one);
      }
    }),
    { numRuns: 500 },
  );
});

test("a long text takes no time worth speaking of", () => {
  for (const unit of ["a.", "a:", "1.", "[", "a-", "a", "C", "C-", "http://", "::", "a/", "x "]) {
    const before = performance.now();
    plain(unit.repeat(20_000));
    expect(performance.now() - before, unit).toBeLessThan(1_000);
  }
});
