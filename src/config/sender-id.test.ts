import { describe, expect, test } from "vitest";
import { applicationOf, normalizeAllowEntry, peerOfSender, senderId } from "./sender-id.ts";

describe("a sender", () => {
  test("is the application within its account, however the account is written", () => {
    expect(senderId("home", 5)).toBe("home/5");
    expect(senderId("Home", 5)).toBe("home/5");
    expect(senderId("work", 5)).not.toBe(senderId("home", 5));
  });

  test.each(["5", "app:5", "gotify:app:5", " GOTIFY:APP:5 ", "gotify:5", "05"])(
    "is named by the entry %j",
    (entry) => {
      expect(applicationOf(entry)).toBe(5);
      expect(normalizeAllowEntry("Home", entry)).toBe(senderId("home", 5));
      expect(peerOfSender(entry)).toBe("5");
    },
  );

  test.each([
    "",
    "*",
    "-5",
    "5.5",
    "5 6",
    "app:",
    "telegram:5",
    "home/5",
    "accessGroup:5",
    "app:app:5",
  ])("is not named by the entry %j", (entry) => {
    expect(applicationOf(entry)).toBeUndefined();
  });

  test("as the pairing store keeps it has the conversation of its application", () => {
    expect(peerOfSender("home/5")).toBe("5");
    expect(peerOfSender("*")).toBe("*");
    expect(peerOfSender("accessGroup:family")).toBe("accessGroup:family");
  });
});
