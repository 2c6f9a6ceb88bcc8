// Owns the facts about Gotify 3's signed tokens, a form without documentation: good for a quarter of an hour around their signing.
import { expect, test } from "vitest";
import { signToken } from "../emulator/tokens.ts";
import { errorText, unauthorized } from "./call.ts";
import { contract } from "./suite.ts";

const MINUTE_S = 60;
const SIGNATURE = "A".repeat(86);

function nowInSeconds(): number {
  return Math.floor(Date.now() / 1000);
}

contract("signed tokens", (site) => {
  const ask = async (token: string): Promise<readonly [number, string]> => {
    const reply = await site.call("GET", "/current/user", { as: { token } });
    return [reply.status, reply.status === 200 ? "" : reply.text];
  };

  test("one works without the secret being sent, for a client and for an application", async (context) => {
    site.needVersion(context, 3);
    const client = await site.client();
    const signed = signToken(client.token, nowInSeconds());
    expect(signed).not.toContain(client.token);
    expect(await ask(signed)).toEqual([200, ""]);
    const application = await site.application();
    const as = { token: signToken(application.token, nowInSeconds()) };
    expect((await site.call("POST", "/message", { as, json: { message: "m" } })).status).toBe(200);
    const stream = await site.stream({ as: { token: signed } });
    const { id } = await site.post(application);
    await stream.frameOf(id);
  });

  test("one of more than a quarter of an hour ago is a 401 like any unknown one, and so is one of the future", async (context) => {
    site.needVersion(context, 3);
    const { token } = await site.client();
    for (const minutes of [-14, 14]) {
      const signed = signToken(token, nowInSeconds() + minutes * MINUTE_S);
      expect(await ask(signed)).toEqual([200, ""]);
    }
    for (const minutes of [-16, 16]) {
      const signed = signToken(token, nowInSeconds() + minutes * MINUTE_S);
      expect(await ask(signed)).toEqual([401, unauthorized]);
    }
  });

  test("one of an unknown client is a 401", async (context) => {
    site.needVersion(context, 3);
    const client = await site.client();
    await site.call("DELETE", `/client/${client.id}`, { as: site.admin });
    expect(await ask(signToken(client.token, nowInSeconds()))).toEqual([401, unauthorized]);
  });

  test("one that was tampered with is a 500: another moment, another signature, another key", async (context) => {
    site.needVersion(context, 3);
    const { token } = await site.client();
    const other = await site.client();
    const now = nowInSeconds();
    const [prefix = "", key = "", , signature = ""] = signToken(token, now).split(".");
    const [, otherKey = ""] = signToken(other.token, now).split(".");
    const invalid = errorText(500, "Internal Server Error", "invalid token");
    for (const tampered of [
      `${prefix}.${key}.${now + 1}.${signature}`,
      `${prefix}.${key}.${now}.${SIGNATURE}`,
      `${prefix}.${otherKey}.${now}.${signature}`,
    ]) {
      expect(await ask(tampered)).toEqual([500, invalid]);
    }
  });

  test("a malformed one is a 401 that says what is wrong", async (context) => {
    site.needVersion(context, 3);
    const { token } = await site.client();
    const [prefix = "", key = "", now = "", signature = ""] = signToken(
      token,
      nowInSeconds(),
    ).split(".");
    const reasons: ReadonlyArray<readonly [string, string]> = [
      [`${prefix}.${key}.${now}`, "token must have 2 or 4 fields separated by dots"],
      [`${prefix}.AAAA.${now}.${signature}`, "public key must be 32 bytes"],
      [`${prefix}.${key}.soon.${signature}`, parsing("soon", "invalid syntax")],
      [
        `${prefix}.${key}.${"9".repeat(20)}.${signature}`,
        parsing("9".repeat(20), "value out of range"),
      ],
      [`${prefix}.${key}.${now}.AAAA`, "signature must be 64 bytes"],
      [
        `${prefix}.${key}.${now}.!${signature.slice(1)}`,
        "base64 decode failed: illegal base64 data at input byte 0",
      ],
    ];
    for (const [malformed, reason] of reasons) {
      const text = errorText(401, "Unauthorized", `cannot parse token: ${reason}`);
      expect(await ask(malformed)).toEqual([401, text]);
    }
  });

  function parsing(text: string, reason: string): string {
    return `timestamp must be an integer: strconv.ParseInt: parsing "${text}": ${reason}`;
  }
});
