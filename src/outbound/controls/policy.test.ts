import { expect, test } from "vitest";
import { resolveAccount } from "../../config/accounts.ts";
import type { OutboundConfig } from "../../config/outbound-config.ts";
import { allowedControls } from "./policy.ts";

function accountWith(fromAgents: OutboundConfig["fromAgents"] = {}) {
  const gotify = { serverUrl: "https://gotify.lan", appToken: "Aaaaaaaaaaaaaaa", fromAgents };
  return resolveAccount({ channels: { gotify } }, null);
}

const EVERYTHING = {
  title: "T",
  priority: 10,
  clickUrl: "https://x/",
  bigImageUrl: "https://cams.lan/a.png",
  contentType: "text/plain",
  intentUrl: "intent://x",
  extras: { "home::light": { on: true } },
} as const;

test("an operator may do all of it", () => {
  const native = { ...EVERYTHING, clickUrl: "intent://x" };
  expect(allowedControls(native, { by: "operator", account: accountWith() })).toEqual({
    controls: native,
    links: [],
    dropped: [],
  });
});

test("an agent may title, raise and link, and nothing that could be misused through it", () => {
  const { controls, links, dropped } = allowedControls(EVERYTHING, {
    by: "agent",
    account: accountWith(),
  });
  expect(controls).toEqual({
    title: "T",
    priority: 10,
    clickUrl: "https://x/",
    contentType: "text/plain",
  });
  expect(links).toEqual(["https://cams.lan/a.png"]);
  expect(dropped).toEqual([
    "Intent URLs from agents are not allowed (fromAgents.intentUrls).",
    "Extras from agents are not allowed (fromAgents.extras).",
  ]);
});

test("what the account allows counts", () => {
  const account = accountWith({ intentUrls: true, extras: true, imageHosts: ["cams.lan"] });
  const allowed = allowedControls(EVERYTHING, { by: "agent", account });
  expect(allowed).toEqual({ controls: EVERYTHING, links: [], dropped: [] });
});

test.each([
  "intent://x",
  "javascript:alert(1)",
  "ftp://x/",
  "//x/",
  "https:x",
  "https://x/ y",
  `https://x/${"a".repeat(2_100)}`,
])("a tap on an agent's message does not open %j", (clickUrl) => {
  const { controls, dropped } = allowedControls(
    { clickUrl },
    { by: "agent", account: accountWith({ intentUrls: true, extras: true }) },
  );
  expect(controls).toEqual({});
  expect(dropped).toHaveLength(1);
});

test.each([
  "openclaw",
  "openclaw::delivery",
  "client::display",
  "client::notification",
  "android::action",
])("the namespace %s is the channel's own, whoever writes", (namespace) => {
  const account = accountWith({ intentUrls: false, extras: true });
  for (const by of ["agent", "operator"] as const) {
    const { controls, dropped } = allowedControls(
      { extras: { [namespace]: { x: 1 }, "a::b": 1 } },
      { by, account },
    );
    expect(controls).toEqual({ extras: { "a::b": 1 } });
    expect(dropped).toHaveLength(1);
  }
});

test("a big image is on the web", () => {
  const { controls, links } = allowedControls(
    { bigImageUrl: "data:image/png;base64,AA" },
    { by: "operator", account: accountWith() },
  );
  expect([controls, links]).toEqual([{}, []]);
});
