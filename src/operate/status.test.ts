import { expect, test } from "vitest";
import { textLike } from "../../test/support/like.ts";
import { statusAdapter } from "./status.ts";

test("status names each application that is shut out, with the command that lets it in again", () => {
  const accounts = [
    { accountId: "default", suspended: [7] },
    { accountId: "work", suspended: [8, "9", null] },
    { accountId: "quiet" },
  ];
  const issues = statusAdapter.collectStatusIssues?.(accounts);
  expect(issues).toEqual([
    {
      channel: "gotify",
      accountId: "default",
      kind: "permissions",
      message: textLike(/^Application 7 is not the one that was let in/),
      fix: "openclaw gotify grants confirm 7",
    },
    expect.objectContaining({
      accountId: "work",
      fix: "openclaw gotify grants confirm 8 --account work",
    }),
  ]);
});

test("status says of an account that the host keeps off for a secret how to find the secret, and what to do", () => {
  const accounts = [
    { accountId: "home", lastError: "Secret owner account:gotify:home is configured but ..." },
    { accountId: "work", lastError: "connection refused" },
    { accountId: "fine", lastError: null },
  ];
  expect(statusAdapter.collectStatusIssues?.(accounts)).toEqual([
    {
      channel: "gotify",
      accountId: "home",
      kind: "auth",
      message: textLike(/"openclaw secrets audit" names it/),
      fix: textLike(/openclaw secrets reload/),
    },
  ]);
});
