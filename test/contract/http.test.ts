// Owns the facts about paths, methods, redirects and origins.
import { expect, test } from "vitest";
import { notFound } from "./call.ts";
import { contract } from "./suite.ts";

contract("http", (site) => {
  test("an unknown path and a wrong method are the same 404, with or without credentials", async () => {
    const replies = await Promise.all([
      site.call("GET", "/no-such-path"),
      site.call("GET", "/no-such-path", { as: site.admin }),
      site.call("PUT", "/message", { as: site.admin }),
      site.call("PATCH", "/message"),
      site.call("POST", "/health"),
    ]);
    for (const reply of replies) {
      expect([reply.status, reply.text]).toEqual([404, notFound("page not found")]);
      expect(reply.contentType).toBe("application/json");
    }
  });

  test("HEAD is a wrong method as well, and OPTIONS is fine everywhere", async () => {
    const head = await site.call("HEAD", "/message", { as: site.admin });
    const options = await site.call("OPTIONS", "/no-such-path");
    expect([head.status, options.status, options.text]).toEqual([404, 200, ""]);
  });

  test("a trailing slash is redirected, 301 for GET and 307 for the rest", async () => {
    const get = await site.call("GET", "/message/?limit=1", { as: site.admin });
    const post = await site.call("POST", "/message/", { as: site.admin, json: {} });
    expect([get.status, get.headers.get("location")]).toEqual([301, "/message?limit=1"]);
    expect(get.contentType).toBe("text/html; charset=utf-8");
    expect([post.status, post.headers.get("location")]).toEqual([307, "/message"]);
  });

  test("double slashes count as one", async (context) => {
    context.skip(site.kind === "url", "a proxy may see to it first");
    expect((await site.call("GET", "//current//user", { as: site.admin })).status).toBe(200);
  });

  test("a foreign Origin is a 403 with an empty body, before credentials and paths are looked at", async () => {
    const headers = { origin: "http://evil.example" };
    for (const path of ["/message", "/version", "/stream", "/no-such-path"]) {
      const reply = await site.call("GET", path, { as: site.admin, headers });
      expect([path, reply.status, reply.text]).toEqual([path, 403, ""]);
    }
  });

  test("health does not look at the Origin", async () => {
    const reply = await site.call("GET", "/health", { headers: { origin: "http://evil.example" } });
    expect(reply.status).toBe(200);
  });

  test("the server's own name is no foreign Origin, whatever the scheme", async () => {
    const { host } = new URL(site.target.url);
    for (const origin of [`http://${host}`, `https://${host}`]) {
      const reply = await site.call("GET", "/current/user", {
        as: site.admin,
        headers: { origin },
      });
      expect(reply.status).toBe(200);
    }
  });
});
