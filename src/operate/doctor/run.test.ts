import { expect, test } from "vitest";
import { openPractice } from "../../../test/support/doctor.ts";
import { textLike } from "../../../test/support/like.ts";
import { startLocalServer } from "../../../test/support/local-server.ts";
import { reportLines } from "./text.ts";
import { timekeeper } from "./check.ts";
import type { DoctorReport } from "./report.ts";

test("a check that throws or hangs is a finding, and the others are read", async () => {
  const check = timekeeper(new AbortController().signal, 20);
  expect(await check("one", () => Promise.reject(new Error("It broke. Mend it.")))).toEqual([
    { check: "one", level: "error", message: "It broke.", fix: "Mend it." },
  ]);
  expect(await check("two", () => new Promise(() => {}))).toMatchObject([
    { check: "two", level: "error", message: 'The check "two" did not end in time.' },
  ]);
  // The time of all of them is over.
  expect(await check("three", () => new Promise(() => {}))).toMatchObject([{ check: "three" }]);
  const stopped = new AbortController();
  const waiting = timekeeper(stopped.signal, 60_000)("four", () => new Promise(() => {}));
  stopped.abort(new Error("stop"));
  await expect(waiting).rejects.toThrow("stop");
});

test("accounts are looked at together, and a sick one does not hide a well one", async () => {
  const { visit, account } = await openPractice();
  const silent = await startLocalServer((_request, response) => void response.writeHead(500).end());
  const accounts = {
    home: account(),
    ill: { ...account(), serverUrl: silent.url },
    off: { ...account(), enabled: false },
  };
  const report = await visit({ accounts });
  expect(report.ok).toBe(false);
  expect(report.of("reachable", "home")).toEqual([textLike(/^ok: /)]);
  expect(report.of("reachable", "ill")).toEqual([textLike(/^error: .*500/)]);
  expect(report.findings.some(({ account: id }) => id === "off")).toBe(false);
  const one = await visit({ accounts }, { account: "HOME" });
  expect(one.ok).toBe(true);
  expect(one.findings.some(({ account: id }) => id === "ill")).toBe(false);
  const asleep = await visit({ accounts }, { account: "off" });
  expect(asleep.of("configuration", "off")).toEqual([textLike(/^warning: .*switched off/)]);
});

test("two client tokens of one user are found by asking, and two of two users are not", async () => {
  const { visit, account, emulator } = await openPractice();
  const second = emulator.createClient("Second");
  const bob = emulator.createUser("bob");
  const bobs = emulator.createClient("Bob's", { userId: bob.id });
  const { of } = await visit({
    accounts: {
      home: account(),
      twin: account({ clientToken: second.token }),
      bobs: account({ clientToken: bobs.token }),
    },
  });
  expect(of("overlap", "twin")).toEqual([
    textLike(
      /^error: .*"home" and "twin" receive the same.*stays off\. → Set inbound\.applications/,
    ),
  ]);
  expect([...of("overlap", "home"), ...of("overlap", "bobs")]).toEqual([]);
});

test("no account, none of that name, and only ones that are off: said, with what to do", async () => {
  const { visit, account } = await openPractice();
  expect((await visit({})).of("configuration")).toEqual([
    textLike(/^error: No server is set: .*login/),
  ]);
  expect((await visit(account(), { account: "attic" })).of("accounts")).toEqual([
    textLike(/^error: There is no Gotify account "attic"\. → Name one.*default/),
  ]);
  const off = await visit(account({ enabled: false }));
  expect(off.of("accounts")).toEqual([textLike(/^error: Every Gotify account is switched off/)]);
});

test("an account that no Gateway runs: a warning from outside, an error in the Gateway itself", async () => {
  const { visit, account } = await openPractice();
  const outside = await visit(account());
  expect(outside.of("not-running")).toEqual([textLike(/^warning: .* → Start the Gateway/)]);
  expect(outside.ok).toBe(true);
  const inside = await visit(account(), {}, { isGateway: true });
  expect(inside.of("not-running")).toEqual([textLike(/^error: /)]);
  expect(inside.ok).toBe(false);
});

test("a report reads at 80 columns, by account, with marks, words and remedies", () => {
  const long =
    "Gotify does not accept the client token (401), which was deleted or has expired a while ago.";
  const report: DoctorReport = {
    ok: false,
    at: "2026-03-01T12:00:00.000Z",
    findings: [
      { check: "versions", level: "ok", message: "The plugin is 1.0." },
      {
        check: "client-token",
        account: "home",
        level: "error",
        message: long,
        fix: `Make a new one. ${"word ".repeat(20)}`,
      },
      {
        check: "priority",
        account: "home",
        level: "warning",
        message: "Silent.\u001b[2J",
        fix: "x".repeat(100),
      },
    ],
  };
  const lines = reportLines(report);
  expect(lines).toEqual([
    "Installation",
    "  ✓ ok       The plugin is 1.0.",
    "",
    "Account home",
    "  ✗ error    Gotify does not accept the client token (401), which was deleted or",
    "             has expired a while ago.",
    "             → Make a new one. word word word word word word word word word word",
    "               word word word word word word word word word word",
    "  ! warning  Silent. [2J",
    `             → ${"x".repeat(100)}`,
    "",
    "Found: 1 error, 1 warning.",
  ]);
  expect(reportLines({ ...report, findings: [] })).toEqual(["Everything is well."]);
});
