// Owns the facts about what a server says of itself, to anybody who asks.
import { expect, test } from "vitest";
import { asObject, notFound } from "./call.ts";
import { anyFlag, textLike } from "./like.ts";
import { contract } from "./suite.ts";

contract("health and version", (site) => {
  test("health is green without credentials, with the charset that only this answer has", async () => {
    const reply = await site.call("GET", "/health");
    expect(reply.status).toBe(200);
    expect(reply.text).toBe('{"health":"green","database":"green"}');
    expect(reply.contentType).toBe("application/json; charset=utf-8");
  });

  test("health takes HEAD, which beside it only images do", async () => {
    expect(await site.call("HEAD", "/health")).toMatchObject({ status: 200, text: "" });
    expect(await site.call("HEAD", "/version")).toMatchObject({ status: 404, text: "" });
  });

  test("the version is told without credentials and without a leading v", async () => {
    const reply = await site.call("GET", "/version");
    expect(reply.status).toBe(200);
    expect(reply.contentType).toBe("application/json");
    expect(Object.keys(asObject(reply.json))).toEqual(["version", "commit", "buildDate"]);
    expect(asObject(reply.json)["version"]).toMatch(
      site.choose(/^(2\.|unknown)/, /^(3\.|unknown)/),
    );
  });

  test("/gotifyinfo exists on v3 only, which makes it a probe for the major version", async () => {
    const reply = await site.call("GET", "/gotifyinfo");
    expect(reply.status).toBe(site.choose(404, 200));
    const info = { version: textLike(/^(3\.|unknown)/), register: anyFlag, oidc: anyFlag };
    expect(reply.json).toMatchObject(site.choose(JSON.parse(notFound("page not found")), info));
  });
});
