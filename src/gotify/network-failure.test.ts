import { describe, expect, test } from "vitest";
import { networkFailure } from "./network-failure.ts";

const systemError = (code: string, syscall: string): Error =>
  Object.assign(new Error(`${syscall} ${code}`), { code, syscall });
const fetchFailed = (cause: Error): Error => new TypeError("fetch failed", { cause });
const sent = (error: Error): boolean =>
  networkFailure("https://push.example.com", error).requestSent;

describe("a failed connection sent nothing", () => {
  test.each([
    "ECONNREFUSED",
    "ETIMEDOUT",
    "EHOSTUNREACH",
    "ENETUNREACH",
    "EACCES",
    "EADDRNOTAVAIL",
  ])("%s while connecting", (code) => {
    expect(sent(fetchFailed(systemError(code, "connect")))).toBe(false);
    // The very same code on an open connection says nothing about the request.
    expect(sent(fetchFailed(systemError(code, "read")))).toBe(true);
    expect(sent(fetchFailed(systemError(code, "write")))).toBe(true);
  });

  test("ENOTFOUND while looking up the name", () => {
    expect(sent(fetchFailed(systemError("ENOTFOUND", "getaddrinfo")))).toBe(false);
  });

  test.each(["CERT_HAS_EXPIRED", "DEPTH_ZERO_SELF_SIGNED_CERT", "UND_ERR_CONNECT_TIMEOUT"])(
    "%s",
    (code) => {
      expect(sent(fetchFailed(Object.assign(new Error("x"), { code })))).toBe(false);
    },
  );

  test.each([
    ["write EPROTO … ssl/tls alert handshake failure … SSL alert number 40", "EPROTO"],
    ["… tlsv1 alert unknown ca … SSL alert number 48", "ERR_SSL_TLSV1_ALERT_UNKNOWN_CA"],
    [
      "Client network socket disconnected before secure TLS connection was established",
      "ECONNRESET",
    ],
  ])("%s", (text, code) => {
    expect(sent(Object.assign(new Error(text), { code }))).toBe(false);
  });

  test("only when every address failed", () => {
    const refused = systemError("ECONNREFUSED", "connect");
    const unreachable = systemError("ENETUNREACH", "connect");
    const reset = systemError("ECONNRESET", "read");
    expect(sent(fetchFailed(new AggregateError([refused, unreachable])))).toBe(false);
    expect(sent(fetchFailed(new AggregateError([refused, reset])))).toBe(true);
    expect(sent(fetchFailed(new AggregateError([])))).toBe(true);
  });
});

test.each([
  systemError("ECONNRESET", "read"),
  systemError("EPIPE", "write"),
  systemError("EPROTO", "write"),
  new Error("other side closed"),
])("%s may have come after the request", (error) => {
  expect(sent(fetchFailed(error))).toBe(true);
});

describe("a proxy that fails is not blamed on Gotify", () => {
  const told = (details: Record<string, unknown>, server = "https://push.example.com"): string => {
    const error = Object.assign(new Error("x"), details);
    return networkFailure(server, fetchFailed(error)).message;
  };

  test.each(["ENOTFOUND", "EAI_AGAIN"])("%s for another name than the server's", (code) => {
    const lookup = { code, syscall: "getaddrinfo" };
    const proxy = told({ ...lookup, hostname: "proxy.corp" });
    expect(proxy).toMatch(/: proxy\.corp .*HTTP proxy: check HTTPS_PROXY/);
    expect(proxy).not.toContain("server URL");
    expect(told({ ...lookup, hostname: "push.example.com" })).toMatch(
      /: the host name .*Check the/,
    );
  });

  test.each([
    ["https://push.example.com", 443],
    ["http://push.example.com", 80],
    ["http://push.example.com:8080", 8080],
  ])("ECONNREFUSED at another port than that of %s", (server, port) => {
    const refused = { code: "ECONNREFUSED", syscall: "connect", address: "10.0.0.1" };
    expect(told({ ...refused, port: 3128 }, server)).toMatch(
      /: 10\.0\.0\.1:3128 cannot be reached \(ECONNREFUSED\).*HTTP proxy/,
    );
    expect(told({ ...refused, port }, server)).toMatch(
      /the connection was refused\. Check that Got/,
    );
  });
});
