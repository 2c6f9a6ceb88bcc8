import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { sendJson, startLocalServer, type Answer } from "../../test/support/local-server.ts";
import { GotifyClient } from "./client.ts";
import {
  classifySendFailure,
  GotifyAnswerError,
  GotifyError,
  GotifyHttpError,
  GotifyNetworkError,
} from "./errors.ts";

const APP_TOKEN = "Ageheim-app-token";
const CLIENT_TOKEN = "Cgeheim-client-token";

async function clientFor(
  answer: Answer,
  options: { timeoutMs?: number; maxAnswerBytes?: number } = {},
) {
  const server = await startLocalServer(answer);
  const client = new GotifyClient({
    serverUrl: server.url,
    appToken: APP_TOKEN,
    clientToken: CLIENT_TOKEN,
    ...options,
  });
  return { server, client };
}

async function failure(work: Promise<unknown>): Promise<GotifyError> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof GotifyError) return error;
  throw new Error(`expected a GotifyError, got ${String(error)}`);
}

const html = "<!doctype html><html><body>Sign in</body></html>";
const gotifyError =
  (status: number, description: string): Answer =>
  (_, response) =>
    sendJson(response, status, { error: "x", errorCode: status, errorDescription: description });

describe("a request", () => {
  test("carries its token in X-Gotify-Key only, and no Origin or cookie", async () => {
    const { server, client } = await clientFor((_, response) =>
      sendJson(response, 200, { id: 1, name: "admin", admin: true }),
    );
    await client.currentUser();
    const [request] = server.requests;
    expect(request?.headers["x-gotify-key"]).toBe(CLIENT_TOKEN);
    expect(request?.url).toBe("/current/user");
    expect(request?.headers.authorization).toBeUndefined();
    expect(request?.headers.origin).toBeUndefined();
    expect(request?.headers.cookie).toBeUndefined();
  });

  test("does not follow a redirect, so that no token reaches another server", async () => {
    const elsewhere = await startLocalServer((_, response) => sendJson(response, 200, {}));
    const { client } = await clientFor((_, response) => {
      response.writeHead(302, { location: `${elsewhere.url}/login?token=geheim` }).end();
    });
    const error = await failure(client.currentUser());
    expect(error.code).toBe("GOTIFY_REDIRECT");
    expect(error.message).toContain(`${elsewhere.url}/login`);
    expect(error.message).not.toContain("geheim");
    expect(elsewhere.requests).toEqual([]);
  });

  test("stops with the caller's own reason when its signal aborts", async () => {
    const { client } = await clientFor(() => {});
    const controller = new AbortController();
    const reason = new Error("shutting down");
    const request = client.currentUser({ signal: controller.signal });
    controller.abort(reason);
    await expect(request).rejects.toBe(reason);
    await expect(client.currentUser({ signal: controller.signal })).rejects.toBe(reason);
  });

  test("gives up after its time limit, also when only the body never ends", async () => {
    const { client } = await clientFor(
      (_, response) => {
        response.writeHead(200, { "content-type": "application/json" }).write('{"id":');
      },
      { timeoutMs: 100 },
    );
    const error = await failure(client.currentUser());
    expect(error).toBeInstanceOf(GotifyNetworkError);
    expect(error.code).toBe("GOTIFY_TIMEOUT");
    expect(error.message).toMatch(/within 0\.1 s/);
  });

  test("refuses an answer larger than its limit instead of holding it", async () => {
    const { client } = await clientFor(
      (_, response) => sendJson(response, 200, { messages: ["x".repeat(5_000)], paging: {} }),
      { maxAnswerBytes: 1_000 },
    );
    expect((await failure(client.listMessages())).code).toBe("GOTIFY_ANSWER_TOO_LARGE");
  });
});

describe("a failed answer says what to do", () => {
  test.each<[string, Answer, string, RegExp]>([
    [
      "401",
      gotifyError(401, "you need to provide a valid access token"),
      "GOTIFY_UNAUTHORIZED",
      /client token \(401\).*Clients page/,
    ],
    [
      "403 without elevation",
      gotifyError(403, "session not elevated, call /x"),
      "GOTIFY_FORBIDDEN",
      /password once more/,
    ],
    ["403 with an empty body", (_, r) => void r.writeHead(403).end(), "GOTIFY_FORBIDDEN", /proxy/],
    ["404 of Gotify", gotifyError(404, "page not found"), "GOTIFY_NOT_FOUND", /sub-path/],
    [
      "404 of something else",
      (_, r) => void r.writeHead(404, { "content-type": "text/html" }).end(html),
      "GOTIFY_NOT_FOUND",
      /sub-path/,
    ],
    [
      "404 for an id",
      gotifyError(404, "message does not exist"),
      "GOTIFY_NOT_FOUND",
      /message does not exist/,
    ],
    [
      "400",
      gotifyError(400, "Field 'limit' must be less or equal to 200"),
      "GOTIFY_REFUSED",
      /limit/,
    ],
    [
      "the text Use HTTPS",
      (_, r) => void r.writeHead(400, { "content-type": "text/plain" }).end("Use HTTPS"),
      "GOTIFY_HTTPS_REQUIRED",
      /https:\/\//,
    ],
    [
      "a redirect to https",
      (_, r) => void r.writeHead(302, { location: "https://127.0.0.1/" }).end(),
      "GOTIFY_HTTPS_REQUIRED",
      /https:\/\//,
    ],
    [
      "413 HTML",
      (_, r) => void r.writeHead(413, { "content-type": "text/html" }).end(html),
      "GOTIFY_TOO_LARGE",
      /Shorten/,
    ],
    [
      "429",
      (_, r) => void r.writeHead(429, { "retry-after": "7" }).end(),
      "GOTIFY_RATE_LIMITED",
      /limit/,
    ],
    [
      "500 without a body",
      (_, r) => void r.writeHead(500).end(),
      "GOTIFY_SERVER_ERROR",
      /without saying why/,
    ],
    [
      "500 of the database",
      gotifyError(500, "Error 1406 (22001): Data too long"),
      "GOTIFY_SERVER_ERROR",
      /1406/,
    ],
    [
      "502 HTML",
      (_, r) => void r.writeHead(502, { "content-type": "text/html" }).end(html),
      "GOTIFY_SERVER_ERROR",
      /proxy/,
    ],
    [
      "200 HTML",
      (_, r) => void r.writeHead(200, { "content-type": "text/html" }).end(html),
      "GOTIFY_NOT_GOTIFY",
      /login page/,
    ],
    [
      "200 JSON of something else",
      (_, r) => sendJson(r, 200, { hello: "world" }),
      "GOTIFY_NOT_GOTIFY",
      /not Gotify/,
    ],
  ])("%s", async (_name, answer, code, text) => {
    const { client, server } = await clientFor(answer);
    const error = await failure(client.currentUser());
    expect(error.code).toBe(code);
    expect(error.message).toMatch(text);
    expect(error.message).toContain(server.url);
    expect(error.message).not.toContain("\n");
  });

  test("never repeats a token, even when the server does", async () => {
    const { client } = await clientFor(gotifyError(400, `cannot parse token "${CLIENT_TOKEN}"`));
    const error = await failure(client.currentUser());
    expect(error.message).toContain("cannot parse token");
    expect(inspect(error, { depth: 5 })).not.toContain("geheim");
  });

  test("keeps header values out as well, and ordinary words in", async () => {
    const server = await startLocalServer(
      gotifyError(400, "Field 'message' is required, Bearer proxy-secret proxy-secret flag e"),
    );
    const client = new GotifyClient({
      serverUrl: server.url,
      clientToken: CLIENT_TOKEN,
      headers: { Authorization: " Bearer proxy-secret\n", "X-Flag": "e" },
    });
    const error = await failure(client.currentUser());
    expect(error.message).toContain("Field 'message' is required");
    expect(error.message).not.toContain("proxy-secret");
    expect(
      () => new GotifyClient({ serverUrl: server.url, headers: { "X-Bad": "a\u0000b" } }),
    ).toThrow(/header "x-bad" cannot be sent/);
    const twice = { "x-gotify-key": "another" };
    expect(() => new GotifyClient({ serverUrl: server.url, headers: twice })).toThrow(
      /clientToken/,
    );
  });

  test("is told by its status, also when its text breaks off", async () => {
    const { client } = await clientFor((_, response) => {
      response.writeHead(401, { "content-length": "100" });
      response.write("x", () => response.destroy());
    });
    expect((await failure(client.currentUser())).code).toBe("GOTIFY_UNAUTHORIZED");
  });

  test("is also a page where nothing was expected: then nothing was deleted", async () => {
    const { client } = await clientFor((_, response) => void response.writeHead(200).end(html));
    for (const work of [
      client.deleteMessage(1),
      client.deleteAllMessages(),
      client.deleteClient(1),
    ]) {
      expect((await failure(work)).code).toBe("GOTIFY_NOT_GOTIFY");
    }
  });

  const inAMinute = new Date(Date.now() + 60_000);

  async function retryAfterOf(value: string): Promise<number | undefined> {
    const { client } = await clientFor((_, response) => {
      response.writeHead(429, { "retry-after": value }).end();
    });
    const error = await failure(client.health());
    return error instanceof GotifyHttpError ? error.retryAfterMs : Number.NaN;
  }

  test.each<[string, number, number]>([
    ["7", 7_000, 7_000],
    ["0", 0, 0],
    [" 7 ", 7_000, 7_000],
    [inAMinute.toUTCString(), 30_000, 60_000],
    ["Sun, 06 Nov 1994 08:49:37 GMT", 0, 0],
    // Nobody waits longer because a proxy says so.
    ["3601", 3_600_000, 3_600_000],
    ["99999999999999999999999", 3_600_000, 3_600_000],
    ["Fri, 01 Jan 9999 00:00:00 GMT", 3_600_000, 3_600_000],
  ])("passes Retry-After on, as seconds or as a date: %j", async (value, from, to) => {
    const ms = await retryAfterOf(value);
    expect(ms).toBeGreaterThanOrEqual(from);
    expect(ms).toBeLessThanOrEqual(to);
  });

  test.each([
    "",
    "soon",
    "-7",
    "+7",
    "7.5",
    "1e3",
    "0x10",
    "7, 8",
    "7s",
    inAMinute.toISOString(),
    inAMinute.toUTCString().replace("GMT", "+0000"),
    String(inAMinute),
    "Jan 1 2099",
  ])("takes no other Retry-After for a time: %j", async (value) => {
    expect(await retryAfterOf(value)).toBeUndefined();
  });

  test.each([301, 302, 303, 307, 308])("%i is a redirect", async (status) => {
    const { client } = await clientFor((_, response) => {
      response.writeHead(status, { location: "https://elsewhere.invalid/" }).end();
    });
    expect(await failure(client.currentUser())).toMatchObject({ code: "GOTIFY_REDIRECT", status });
  });

  test.each([300, 304, 305, 306, 399])("%i leads nowhere, and is no Gotify's", async (status) => {
    const { client } = await clientFor((_, response) => {
      response.writeHead(status, { location: "https://elsewhere.invalid/" }).end();
    });
    const error = await failure(client.sendMessage({ message: "x" }));
    expect(error).toMatchObject({ code: "GOTIFY_NOT_GOTIFY", status });
    expect(error.message).toContain(`(${status})`);
    expect(error.message).not.toContain("redirect");
    expect(classifySendFailure(error)).toBe("unknown");
  });

  test("an unreachable server is named, with the reason", async () => {
    const { client, server } = await clientFor(() => {});
    await server.close();
    const error = await failure(client.health());
    expect(error.code).toBe("GOTIFY_UNREACHABLE");
    expect(error.message).toMatch(/refused/);
    expect(error.cause).toBeDefined();
    const blocked = new GotifyClient({ serverUrl: "http://127.0.0.1:1" });
    expect((await failure(blocked.health())).message).toMatch(/refuse to use this port/);
    const nowhere = new GotifyClient({ serverUrl: "http://gotify.invalid" });
    expect((await failure(nowhere.health())).message).toMatch(/host name/);
  });
});

describe("the icon of an application", () => {
  test.each<[unknown, string | undefined]>([
    ["static/defaultapp.png", "/static/defaultapp.png"],
    ["", undefined],
    [null, undefined],
    [undefined, undefined],
  ])("%j has the address %j", async (image, path) => {
    const { client, server } = await clientFor((_, response) =>
      sendJson(response, 200, [{ id: 1, name: "app", image }]),
    );
    const [application] = await client.listApplications();
    expect(application?.imageUrl).toBe(path === undefined ? undefined : `${server.url}${path}`);
  });
});

describe("what a failed post means for the message", () => {
  const post = async (answer: Answer, timeoutMs = 2_000) => {
    const { client } = await clientFor(answer, { timeoutMs });
    return failure(client.sendMessage({ message: "hello" }));
  };

  test("a refused connection sent nothing", async () => {
    const { client, server } = await clientFor(() => {});
    await server.close();
    expect(classifySendFailure(await failure(client.sendMessage({ message: "x" })))).toBe(
      "not-sent",
    );
  });

  test("404 is a refusal when Gotify says it, and nothing at all when a proxy does", async () => {
    const gotifys = { error: "Not Found", errorCode: 404, errorDescription: "page not found" };
    expect(classifySendFailure(await post((_, r) => sendJson(r, 404, gotifys)))).toBe("refused");
    expect(
      classifySendFailure(await post((_, r) => void r.writeHead(404).end("404 page not found"))),
    ).toBe("not-sent");
  });

  test.each([
    [500, "application/json", "", true],
    [500, "text/html", "<html>sorry</html>", false],
    [500, "text/plain", "", false],
    [502, "application/json", "", false],
    [400, "application/json", '{"errorDescription":"no"}', true],
  ])("%i with %j and the body %j is Gotify's own: %j", async (status, type, body, isGotifys) => {
    const error = await post(
      (_, r) => void r.writeHead(status, { "content-type": type }).end(body),
    );
    expect(error).toMatchObject({ isGotifys });
  });

  test.each([400, 401, 403, 413])("%i is a refusal", async (status) => {
    expect(classifySendFailure(await post((_, r) => void r.writeHead(status).end()))).toBe(
      "refused",
    );
  });

  test("429 sent nothing, later is fine", async () => {
    expect(classifySendFailure(await post((_, r) => void r.writeHead(429).end()))).toBe("not-sent");
  });

  test.each([408, 500, 502, 503, 504])("%i may be stored", async (status) => {
    expect(classifySendFailure(await post((_, r) => void r.writeHead(status).end()))).toBe(
      "unknown",
    );
  });

  test("a connection that breaks off, a time limit and an unreadable success may all be stored", async () => {
    expect(classifySendFailure(await post((_, r) => void r.destroy()))).toBe("unknown");
    expect(classifySendFailure(await post(() => {}, 100))).toBe("unknown");
    const odd = await post((_, r) => void r.writeHead(200).end("not json"));
    expect(odd).toBeInstanceOf(GotifyAnswerError);
    expect(classifySendFailure(odd)).toBe("unknown");
    // No stored message has the id 0: nothing could tell it from another one.
    const nameless = await post((_, r) => sendJson(r, 200, { id: 0, appid: 1, message: "hello" }));
    expect(nameless).toBeInstanceOf(GotifyAnswerError);
    expect(classifySendFailure(nameless)).toBe("unknown");
  });

  test("a draft that is no JSON is refused before anything is sent", async () => {
    const { client, server } = await clientFor(() => {});
    const error = await failure(client.sendMessage({ message: "x", extras: { a: 1n } }));
    expect(classifySendFailure(error)).toBe("refused");
    expect(server.requests).toEqual([]);
  });

  test("an empty message is refused before anything is sent", async () => {
    const { client, server } = await clientFor(() => {});
    const error = await failure(client.sendMessage({ message: "" }));
    expect(classifySendFailure(error)).toBe("refused");
    expect(server.requests).toEqual([]);
  });
});
