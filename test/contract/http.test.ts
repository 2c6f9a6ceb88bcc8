// Owns the facts about paths, methods, redirects and origins.
import { expect, test } from "vitest";
import { notFound, type Reply } from "./call.ts";
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

  test("a preflight is a 403 from elsewhere, and from the server's own pages an empty 200 that allows nothing", async () => {
    const { host } = new URL(site.target.url);
    const ask = (origin: string): Promise<Reply> =>
      site.call("OPTIONS", "/message", {
        headers: { origin, "access-control-request-method": "POST" },
      });
    const foreign = await ask("http://evil.example");
    expect([foreign.status, foreign.text]).toEqual([403, ""]);
    const own = await ask(`http://${host}`);
    expect([own.status, own.text]).toEqual([200, ""]);
    expect(own.headers.has("access-control-allow-origin")).toBe(false);
  });

  test("every answer has the server's time, refusals too", async () => {
    for (const path of ["/health", "/message", "/no-such-path"]) {
      const { headers } = await site.call("GET", path);
      const apart = Math.abs(Date.parse(headers.get("date") ?? "") - Date.now());
      expect(apart).toBeLessThan(10_000);
    }
  });

  test("health, the page and icons do not look at the Origin, but for a preflight and what they do not serve", async () => {
    const headers = { origin: "http://evil.example" };
    const statusOf = async (method: string, path: string): Promise<number> =>
      (await site.call(method, path, { headers })).status;
    for (const path of ["/health", "/", "/static/defaultapp.png"]) {
      expect([path, await statusOf("GET", path)]).toEqual([path, 200]);
      expect([path, await statusOf("OPTIONS", path)]).toEqual([path, 403]);
      expect([path, await statusOf("POST", path)]).toEqual([path, 403]);
    }
    expect(await statusOf("GET", "/image/none.png")).toBe(404);
    expect(await statusOf("OPTIONS", "/image/none.png")).toBe(403);
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
