import { describe, expect, test } from "vitest";
import type { GotifyMessage } from "../gotify/message.ts";
import { assertedPeer, namedPeer, peerOf } from "./peer.ts";
import { normalizeAllowEntry, senderId } from "./sender-id.ts";

const message = (parts: Partial<GotifyMessage>): GotifyMessage => ({
  id: 1,
  appId: 5,
  message: "hello",
  title: "",
  priority: 0,
  extras: {},
  date: undefined,
  ...parts,
});

describe("the conversation of a message", () => {
  test("is its application", () => {
    expect(peerOf(message({}))).toEqual({ id: "5", named: false });
  });

  test("may be named by the sender, in lower case", () => {
    const named = message({ extras: { openclaw: { peerId: " Kitchen-Tablet " } } });
    expect(peerOf(named)).toEqual({ id: "kitchen-tablet", named: true });
  });

  test.each<[string, unknown]>([
    ["another channel's peer", "telegram:1"],
    ["a phone number", "+15551234567"],
    ["an application id", "7"],
    ["an application id with a kind", "app:7"],
    ["an application id with the channel", "gotify:7"],
    ["too long to be a name", "a".repeat(65)],
    ["1,000 characters", "a".repeat(1_000)],
    ["only digits, dots and dashes", "1.2-3_4"],
    ["a list", ["kitchen"]],
    ["null", null],
    ["a letter outside the alphabet", "kü"],
    ["empty", ""],
    ["a path", "../x"],
    ["a leading dash", "-x"],
    ["a leading plus", "+x"],
    ["a colon", "x:y"],
    ["a blank in it", "x y"],
    ["an object", { peerId: "x" }],
    ["a number", 7],
    ["a line break", "a\nb"],
  ])("is not taken from %s: the name is ignored, never cut", (_what, peerId) => {
    expect(peerOf(message({ extras: { openclaw: { peerId } } }))).toEqual({
      id: "5",
      named: false,
    });
  });

  test("is 64 characters at most, and needs one letter", () => {
    for (const name of ["a", "7a", "a.b_c-d", "a".repeat(64), "1".repeat(63) + "z"]) {
      expect(namedPeer(message({ extras: { openclaw: { peerId: name } } }))?.id).toBe(name);
    }
  });

  test("by what the server asserts alone holds nothing that a sender wrote", () => {
    const forged = { title: "alice", extras: { openclaw: { peerId: "alice" } } };
    expect(assertedPeer(message(forged))).toEqual({ id: "5", named: false });
    expect(assertedPeer(message({ ...forged, appId: 0 }))).toEqual({ id: "gotify", named: false });
  });

  test("falls back to the title and then to the channel where there is no application", () => {
    expect(peerOf(message({ appId: 0, title: "Backup" }))).toEqual({ id: "backup", named: true });
    expect(peerOf(message({ appId: 0, title: "+1555" }))).toEqual({ id: "gotify", named: false });
  });
});

describe("the sender", () => {
  test("is the application within its account, because ids start at 1 on every server", () => {
    expect(senderId("home", 5)).not.toBe(senderId("work", 5));
  });

  test.each(["5", "app:5", "gotify:app:5", " GOTIFY:APP:5 ", "gotify:5", "05"])(
    "an allowFrom entry %j means the account's own application 5",
    (entry) => {
      expect(normalizeAllowEntry("home", entry)).toBe(senderId("home", 5));
    },
  );

  test.each(["*", "accessGroup:family", "work/5"])("the entry %j stays what it is", (entry) => {
    expect(normalizeAllowEntry("home", entry)).toBe(entry.toLowerCase());
  });
});
