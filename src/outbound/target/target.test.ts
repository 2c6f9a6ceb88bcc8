import { expect, test } from "vitest";
import { targetOf } from "../../config/conversation-target.ts";
import { normalizeTarget, parseTarget } from "./target.ts";

test.each([
  ["5", "5"],
  ["gotify:5", "5"],
  ["app:5", "5"],
  ["gotify:app:5", "5"],
  ["peer:5", "5"],
  ["user:5", "5"],
  ["App: 05", "5"],
  ["peer:Kitchen-Tablet", "peer:kitchen-tablet"],
  [" gotify:peer:ops ", "peer:ops"],
  ["user:ops", "peer:ops"],
  ["gotify:gotify:peer:gotify", "peer:gotify"],
  ["account:Home", "account:home"],
  ["gotify:account:home", "account:home"],
  ["gotify:home", "account:home"],
  ["account:5", "account:5"],
  ["home/5", "home/5"],
  ["gotify:Home/5", "home/5"],
  ["app:Ada's  Phone", "app:ada's phone"],
  ["gotify:app:home/5", "app:home/5"],
])("%j is %s", (raw, normal) => {
  expect(normalizeTarget(raw)).toBe(normal);
  expect(normalizeTarget(normal)).toBe(normal);
  expect(normalizeTarget(`gotify:${normal}`)).toBe(normal);
});

test.each([
  "",
  "gotify:",
  "app:",
  "app: ",
  "app:0",
  "0",
  "99999999999999999999",
  "telegram:5",
  "gotify:telegram:5",
  "a b",
  "+1555",
  "peer:a b",
  "peer:+1555",
  `peer:${"x".repeat(65)}`,
  "account:a b",
  "../x",
  "gotify:../x",
  "home/5/6",
  // A word alone could be an account, an application or a conversation.
  "home",
])("%j names nothing", (raw) => {
  expect(normalizeTarget(raw)).toBeUndefined();
});

test.each(["home", "work", "default", "gotify", "account", "a.b"])(
  "the conversation that a sender named %s is never taken for an account",
  (name) => {
    for (const written of [targetOf(name), targetOf(name).replace("gotify:", ""), `user:${name}`]) {
      expect(parseTarget(written)).toEqual({ kind: "peer", name });
    }
  },
);

test("an application's conversation is the same for the way in and the way out", () => {
  expect(targetOf("5")).toBe("gotify:5");
  expect(parseTarget(targetOf("5"))).toEqual({
    kind: "application",
    appId: 5,
    accountId: undefined,
  });
});
