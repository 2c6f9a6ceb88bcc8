import { expect, test } from "vitest";
import { resolveAccount } from "../config/accounts.ts";
import { setupAdapter } from "./contract.ts";

function apply(
  gotify: Record<string, unknown>,
  input: Record<string, string>,
  accountId = "default",
): unknown {
  const cfg = { channels: { gotify } };
  const section: unknown = setupAdapter.applyAccountConfig({ cfg, accountId, input }).channels?.[
    "gotify"
  ];
  return section;
}

test("the application a person writes with may talk and give commands from the start, beside whoever may already", () => {
  expect(apply({}, { serverUrl: "https://push.example.com", chatApp: " 5 " })).toMatchObject({
    allowFrom: ["5"],
    commandsFrom: ["5"],
  });
  expect(apply({ allowFrom: ["7", "5"] }, { chatApp: "5" })).toMatchObject({
    allowFrom: ["7", "5"],
    commandsFrom: ["5"],
  });
  expect(apply({ allowFrom: ["7"] }, { appToken: "A" })).not.toHaveProperty("commandsFrom");
});

test("what is no application's id is refused with what to write instead", () => {
  const say = (chatApp: string) =>
    setupAdapter.validateInput?.({ cfg: {}, accountId: "default", input: { chatApp } });
  for (const wrong of ["phone", "0", "-1", "5.5", "*", "5 6"]) {
    expect(say(wrong), wrong).toContain("a number such as 5");
  }
  expect(say("5")).toBeNull();
});

test("the application a person writes with is heard where all are watched, as before", () => {
  const section = apply({ inbound: { applications: ["*"] } }, { chatApp: "5" });
  expect(section).toMatchObject({ allowFrom: ["5"], inbound: { applications: ["*"] } });
  const cfg = { channels: { gotify: section } };
  expect(resolveAccount(cfg).inbound.applications).toBeUndefined();
});
