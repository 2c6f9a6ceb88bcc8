import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { expect, onTestFinished, test } from "vitest";
import { startEmulator } from "../../test/emulator/index.ts";
import { textLike } from "../../test/support/like.ts";
import { resolveAccount } from "../config/accounts.ts";
import { createStatus } from "./status.ts";
import { statusIssues } from "./status-issues.ts";

test("what is wrong with an account is an issue of the host's kind, with what to do", () => {
  const problem = {
    code: "suspended",
    level: "warning",
    message: "Application 7.",
    fix: "confirm 7",
  };
  const accounts = [
    {
      accountId: "home",
      problems: [problem, { ...problem, code: "blocked", message: "Refused." }],
    },
    { accountId: "work", problems: [{ ...problem, code: "cannot-post" }] },
    { accountId: "fine", problems: [] },
    { accountId: "quiet" },
    { accountId: "strange", problems: ["no problem", null, { code: 5 }] },
  ];
  expect(statusIssues(accounts)).toEqual([
    {
      channel: "gotify",
      accountId: "home",
      kind: "permissions",
      message: "Application 7.",
      fix: "confirm 7",
    },
    expect.objectContaining({ accountId: "home", kind: "auth", message: "Refused." }),
    expect.objectContaining({ accountId: "work", kind: "runtime" }),
  ]);
});

test("a server's words do not steer the terminal of whoever reads them", () => {
  const message = "says \u001b[2Jno\nanswer";
  const accounts = [
    { accountId: "home", problems: [{ code: "blocked", message, fix: "x\u0007" }] },
  ];
  expect(statusIssues(accounts)).toMatchObject([{ message: "says [2Jno answer", fix: "x" }]);
});

test("status says of an account that the host keeps off for a secret how to find the secret, and what to do", () => {
  const accounts = [
    { accountId: "home", lastError: "Secret owner account:gotify:home is configured but ..." },
    { accountId: "work", lastError: "connection refused" },
    { accountId: "fine", lastError: null },
  ];
  expect(statusIssues(accounts)).toEqual([
    {
      channel: "gotify",
      accountId: "home",
      kind: "auth",
      message: textLike(/"openclaw secrets audit" names it/),
      fix: textLike(/openclaw secrets reload/),
    },
  ]);
});

test("the capabilities tell of both tokens, the application and the user, and of no secret", async () => {
  const emulator = await startEmulator({ personality: "v2" });
  onTestFinished(() => emulator.stop());
  const application = emulator.createApplication("Open\u001b[31mClaw");
  const gotify = {
    serverUrl: emulator.url,
    appToken: application.token,
    clientToken: emulator.createClient("bridge").token,
  };
  const cfg: OpenClawConfig = { channels: { gotify } };
  const status = createStatus();
  const account = resolveAccount(cfg);
  const probe = await status.probeAccount?.({ account, timeoutMs: 5_000, cfg });
  if (probe === undefined) throw new Error("There is no probe.");
  const lines = (status.formatCapabilitiesProbe?.({ probe }) ?? []).map(({ text }) => text);
  expect(lines).toEqual([
    textLike(/^Gotify 2\.9\.1 \(\d+ ms\)$/),
    textLike(/^Server: Gotify 2\.9\.1 answers in \d+ ms$/),
    `The app token is valid, of application ${application.id} "Open [31mClaw"`,
    textLike(/^The client token is valid, of user "\w+"$/),
    "Both tokens are of one user",
  ]);
  expect(JSON.stringify(probe)).not.toContain(gotify.appToken);
  expect(JSON.stringify(probe)).not.toContain(gotify.clientToken);

  emulator.deleteApplication(application.id);
  const broken = await status.probeAccount?.({ account, timeoutMs: 5_000, cfg });
  if (broken === undefined) throw new Error("There is no probe.");
  const [first, , second] = status.formatCapabilitiesProbe?.({ probe: broken }) ?? [];
  expect(first).toMatchObject({ tone: "error", text: textLike(/app token \(401\)/) });
  expect(second).toEqual({ text: "The app token is not known to the server", tone: "error" });
});
