import { expect, test } from "vitest";
import { livePrefixes } from "./live-settings.ts";

const shared = (version: string | undefined): boolean => livePrefixes(version).includes("commands");

test("who may do what is read live on every host", () => {
  for (const version of [undefined, "2026.8.1", "2026.9.6"]) {
    expect(livePrefixes(version)).toEqual(
      expect.arrayContaining([
        "channels.gotify.allowFrom",
        "channels.gotify.accounts.*.inbound.ignore",
      ]),
    );
  }
});

test("what all channels share is claimed only where that spares no other channel its restart", () => {
  for (const version of [
    undefined,
    "",
    "unknown",
    "2026.8.1",
    "2026.9.1",
    "2026.9.5",
    "2025.12.31",
  ]) {
    expect([version, shared(version)]).toEqual([version, false]);
  }
  for (const version of ["2026.9.6", "v2026.9.6-1", "2026.9.10", "2026.10.1", "2027.1.1"]) {
    expect([version, shared(version)]).toEqual([version, true]);
  }
});
