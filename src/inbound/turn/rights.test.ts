import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { describe, expect, test } from "vitest";
import { resolveAccount } from "../../config/accounts.ts";
import { approvalCapability } from "./approvals.ts";
import { isApproval, mayApprove, mayCommand, mayRun, sparesApproval } from "./rights.ts";

/** Two servers with the same application ids. */
const config = (
  gotify: Record<string, unknown> = {},
  owners: readonly string[] = [],
): OpenClawConfig => ({
  commands: { ownerAllowFrom: [...owners] },
  channels: {
    gotify: {
      serverUrl: "https://push.example.com",
      appToken: "A",
      clientToken: "C",
      accounts: {
        other: { serverUrl: "https://other.example.com", appToken: "B", clientToken: "D" },
      },
      ...gotify,
    },
  },
});

function rights(cfg: OpenClawConfig, appId: number, accountId = "default") {
  const account = resolveAccount(cfg, accountId);
  return { command: mayCommand(account, appId), approve: mayApprove(cfg, account, appId) };
}

describe("talking, commanding and approving are three rights", () => {
  test("nobody commands or approves by being allowed to talk", () => {
    const cfg = config({ dmPolicy: "open", allowFrom: ["*", "5"] });
    expect(rights(cfg, 5)).toEqual({ command: false, approve: false });
  });

  test("who commands does not approve, and who approves does not command", () => {
    const cfg = config({ commandsFrom: [5], approvers: ["app:6"] });
    expect(rights(cfg, 5)).toEqual({ command: true, approve: false });
    expect(rights(cfg, 6)).toEqual({ command: false, approve: true });
    const account = resolveAccount(cfg);
    expect(mayRun(cfg, account, 6, true)).toBe(true);
    expect(mayRun(cfg, account, 6, false)).toBe(false);
    expect(mayRun(cfg, account, 7, true)).toBe(false);
  });

  test("a star gives neither", () => {
    expect(rights(config({ commandsFrom: ["*"], approvers: ["*"] }), 5)).toEqual({
      command: false,
      approve: false,
    });
  });

  test("the host's owners approve, named with their account, and only there", () => {
    const cfg = config({}, ["telegram:7", " Gotify:default/5 "]);
    expect(rights(cfg, 5).approve).toBe(true);
    expect(rights(cfg, 5, "other").approve).toBe(false);
    expect(rights(cfg, 7).approve).toBe(false);
    for (const vague of ["5", "gotify:5", "default/5", "*", "gotify:*"]) {
      expect(rights(config({}, [vague]), 5).approve).toBe(false);
    }
  });

  test("rights on one server are none on another", () => {
    const cfg = config({ commandsFrom: [5], approvers: [5] });
    expect(rights(cfg, 5, "other")).toEqual({ command: false, approve: false });
  });
});

test("an approval is what begins with the word, and nothing else", () => {
  for (const text of ["/approve", "/approve 1 deny", " /APPROVE 1 once"]) {
    expect(isApproval(text)).toBe(true);
  }
  for (const text of ["/approved", "approve 1", "please /approve 1", "/approve-all"]) {
    expect(isApproval(text)).toBe(false);
  }
});

test.each([
  ["/exec ask=off", true],
  ["/EXEC: security=full", true],
  ["/status\n/exec ask=off", true],
  ["/status /exec", true],
  ["/executive", false],
  ["/status a/exec", false],
  ["/approve 1 allow-once", false],
])("what runs without an approval is decided by %j: %s", (command, decides) => {
  expect(sparesApproval(command)).toBe(decides);
});

describe("the host asks whose decision counts", () => {
  const decide = (
    cfg: OpenClawConfig,
    senderId: string | null | undefined,
    accountId = "default",
  ) =>
    approvalCapability.authorizeActorAction?.({
      cfg,
      accountId,
      action: "approve",
      approvalKind: "exec",
      ...(senderId === undefined ? {} : { senderId }),
    });

  test("nobody's while nobody is named", () => {
    const cfg = config({ allowFrom: ["*", 5], commandsFrom: [5] });
    expect(decide(cfg, "default/5")).toEqual({
      authorized: false,
      reason:
        "Application 5 may not approve. Add it to approvers of the Gotify account default to let it.",
    });
  });

  test("that of the approvers, in their own account", () => {
    const cfg = config({ approvers: [5] });
    expect(decide(cfg, "default/5")).toEqual({ authorized: true });
    for (const sender of [
      "5",
      "other/5",
      "default/6",
      "default/5x",
      "default/",
      "",
      null,
      undefined,
    ]) {
      expect(decide(cfg, sender)?.authorized).toBe(false);
    }
    expect(decide(cfg, "other/5", "other")?.authorized).toBe(false);
  });
});
