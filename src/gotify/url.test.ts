import { describe, expect, test } from "vitest";
import { GotifyConfigError } from "./errors.ts";
import { parseServerUrl } from "./url.ts";

describe("a server URL", () => {
  test.each([
    ["https://push.example.com", "https://push.example.com"],
    ["https://push.example.com/", "https://push.example.com"],
    ["  http://10.0.0.2:8080// ", "http://10.0.0.2:8080"],
    ["https://example.com/gotify/", "https://example.com/gotify"],
    ["http://[::1]:80/", "http://[::1]"],
  ])("%s is taken as %s", (input, expected) => {
    expect(parseServerUrl(input).href).toBe(expected);
  });

  test("keeps its sub-path in REST and stream addresses", () => {
    const server = parseServerUrl("https://example.com/gotify/");
    expect(server.http("/message", { limit: 5, since: undefined }).href).toBe(
      "https://example.com/gotify/message?limit=5",
    );
    expect(server.stream().href).toBe("wss://example.com/gotify/stream");
    expect(parseServerUrl("http://example.com").stream().href).toBe("ws://example.com/stream");
  });

  test.each([
    ["push.example.com", /URL/],
    ["", /URL/],
    ["ftp://push.example.com", /https:\/\/ or http:\/\//],
    ["wss://push.example.com/stream", /https:\/\/ or http:\/\//],
    ["https://admin:geheim@push.example.com", /user name or password/],
    ["https://push.example.com/?token=Cgeheim", /query/],
    ["https://push.example.com/#/messages", /fragment/],
  ])("%s is refused, without repeating what may be secret", (input, expected) => {
    expect(() => parseServerUrl(input)).toThrow(GotifyConfigError);
    expect(() => parseServerUrl(input)).toThrow(expected);
    expect(() => parseServerUrl(input)).not.toThrow(/geheim/);
  });
});
