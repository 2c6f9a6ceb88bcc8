import { expect, test } from "vitest";
import { withoutAddresses } from "./without-addresses.ts";

const server = "http://push.home.lan:8080/gotify/";

test.each([
  [
    "Gotify at http://push.home.lan:8080/gotify/ did not answer.",
    "Gotify at (address) did not answer.",
  ],
  ["See https://[fd00::7]:8443/x: refused", "See (address): refused"],
  ["connect ECONNREFUSED 192.168.7.20:8080", "connect ECONNREFUSED (address)"],
  ["connect to 192.168.7.20:8080 and 10.0.0.7.", "connect to (address) and (address)."],
  [
    "connect to fd00:1:2::7, to ::1 and to [::1]:80",
    "connect to (address), to (address) and to (address)",
  ],
  ["getaddrinfo ENOTFOUND push.home.lan", "getaddrinfo ENOTFOUND"],
  ["The certificate is for push.home.lan only.", "The certificate is for (address) only."],
  ["dial tcp db:5432: connection refused", "dial tcp (address): connection refused"],
])("%s", (text, told) => {
  expect(withoutAddresses(text, server)).toBe(told);
});

test.each([
  "Gotify 3.0.0 answers at 12:30:59, message 17 of application 5.",
  "run openclaw gotify grants confirm 7 --account home",
  "channels.gotify.appToken: not set",
  "client::notification is not an object",
  "since 2026-11-23T10:20:30.123Z",
])("what is no address stays: %s", (text) => {
  expect(withoutAddresses(text, server)).toBe(text);
  // A server whose name is a plain word must not take that word out of our own commands.
  expect(withoutAddresses(text, "http://gotify/")).toBe(text);
});
