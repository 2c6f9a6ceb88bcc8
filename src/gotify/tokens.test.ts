import { describe, expect, test } from "vitest";
import { sendJson, startLocalServer } from "../../test/support/local-server.ts";
import { GotifyClient } from "./index.ts";

const matching = (pattern: RegExp): unknown => expect.stringMatching(pattern);
const USER = { id: 1, name: "admin", admin: true };
/** What the servers answer to an empty post, by the token in it: 400 means that the token may post. */
const EMPTY_POST = {
  2: { Aapp: 400, Cclient: 401 },
  3: { Aapp: 400, Cclient: 400 },
} as const;

/** A Gotify of that edition, as far as a probe sees it. It knows the tokens `Aapp` and `Cclient`. */
async function gotify(edition: 2 | 3) {
  const texts = {
    400: "Field 'message' is required",
    401: "you need to provide a valid access token",
  };
  const server = await startLocalServer(({ method, headers, body }, response) => {
    const token = String(headers["x-gotify-key"]);
    const posts: Readonly<Record<string, 400 | 401>> = EMPTY_POST[edition];
    const isUser = method === "GET" && token === "Cclient";
    if (isUser) return sendJson(response, 200, USER);
    const status = method === "POST" && body === "{}" ? (posts[token] ?? 401) : 401;
    sendJson(response, status, { errorDescription: texts[status] });
  });
  return {
    server,
    client: (appToken: string, clientToken: string) =>
      new GotifyClient({ serverUrl: server.url, appToken, clientToken }),
  };
}

describe.each([2, 3] as const)("a probe on Gotify %d", (edition) => {
  test("knows each kind where it belongs", async () => {
    const { client } = await gotify(edition);
    expect(await client("Aapp", "x").probeAppToken()).toEqual({ status: "valid" });
    expect(await client("x", "Cclient").probeClientToken()).toMatchObject({
      status: "valid",
      user: { name: "admin" },
    });
  });

  test("says what the wrong kind is, and where the right one is found", async () => {
    const { client, server } = await gotify(edition);
    const swapped = client("Cclient", "Aapp");
    expect(await swapped.probeAppToken()).toMatchObject({
      status: "wrong-kind",
      error: {
        code: "GOTIFY_UNAUTHORIZED",
        status: 401,
        message:
          `Gotify at ${server.url} knows this as the token of a client. ` +
          "Use the token of an application, from its Apps page.",
      },
    });
    expect(await swapped.probeClientToken()).toMatchObject({
      status: "wrong-kind",
      error: {
        code: "GOTIFY_UNAUTHORIZED",
        status: 401,
        message:
          `Gotify at ${server.url} knows this as the token of an application. ` +
          "Use the token of a client, from its Clients page.",
      },
    });
  });

  test("says of an unknown one where a new one is found", async () => {
    const { client } = await gotify(edition);
    const stranger = client("Anone", "Cnone");
    expect(await stranger.probeAppToken()).toMatchObject({
      status: "invalid",
      error: { message: matching(/does not accept the app token \(401\).*Apps page/) },
    });
    expect(await stranger.probeClientToken()).toMatchObject({
      status: "invalid",
      error: { message: matching(/the client token \(401\).*Clients page/) },
    });
  });
});

test("a 400 or 500 of something else is no verdict on a token", async () => {
  for (const status of [400, 500, 502]) {
    const server = await startLocalServer(({ method }, response) => {
      const code = method === "POST" ? status : 401;
      response.writeHead(code, { "content-type": "text/html" }).end("<html>no</html>");
    });
    const client = new GotifyClient({ serverUrl: server.url, appToken: "A", clientToken: "C" });
    await expect(client.probeAppToken()).rejects.toMatchObject({ status });
    await expect(client.probeClientToken()).rejects.toMatchObject({ status });
  }
});

describe("a post that is refused with 401", () => {
  const refuse = () =>
    startLocalServer((_, response) => sendJson(response, 401, { errorDescription: "no" }));

  test("with an app token sends to the Apps page", async () => {
    const { url } = await refuse();
    const client = new GotifyClient({ serverUrl: url, appToken: "A", clientToken: "C" });
    await expect(client.sendMessage({ message: "x" })).rejects.toMatchObject({
      code: "GOTIFY_UNAUTHORIZED",
      message:
        `Gotify at ${url} does not accept the app token (401). It was deleted or replaced, or it is a client token. ` +
        "Copy the token of the application that shall post from Gotify's Apps page.",
    });
  });

  test("with a client token names what differs between Gotify 2 and 3", async () => {
    const { url } = await refuse();
    const client = new GotifyClient({ serverUrl: url, clientToken: "C" });
    await expect(client.sendMessage({ message: "x", appId: 1 })).rejects.toMatchObject({
      code: "GOTIFY_UNAUTHORIZED",
      message:
        `Gotify at ${url} does not accept a post with this client token (401). ` +
        "Gotify 2 takes posts with an app token only; on Gotify 3 the token was deleted or has expired.",
    });
  });
});

test("a post with a client token alone must say to which application", async () => {
  const server = await startLocalServer(() => {});
  const client = new GotifyClient({ serverUrl: server.url, clientToken: "C" });
  for (const [draft, text] of [
    [{ message: "x" }, /pass appId/],
    [{ message: "x", appId: 0 }, /id of an application/],
    [{ message: "x", appId: 1.5 }, /id of an application/],
  ] as const) {
    await expect(client.sendMessage(draft)).rejects.toThrow(text);
  }
  await expect(
    new GotifyClient({ serverUrl: server.url }).sendMessage({ message: "x" }),
  ).rejects.toThrow(/No client token/);
  expect(server.requests).toEqual([]);
});
