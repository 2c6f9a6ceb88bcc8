import { inspect } from "node:util";
import { describe, expect, onTestFinished, test } from "vitest";
import { WebSocketServer } from "ws";
import { sendJson, startLocalServer } from "../../test/support/local-server.ts";
import { GotifyClient, GotifyConfigError } from "./index.ts";

/** The client, or the error that it cannot be made with. Any other error is thrown. */
function clientWith(
  headers: Record<string, string>,
  serverUrl = "http://127.0.0.1:9",
): GotifyClient | GotifyConfigError {
  try {
    return new GotifyClient({ serverUrl, clientToken: "C", headers });
  } catch (error) {
    if (error instanceof GotifyConfigError) return error;
    throw error;
  }
}

function refusal(headers: Record<string, string>): GotifyConfigError {
  const result = clientWith(headers);
  if (result instanceof GotifyClient) throw new Error("it was taken");
  return result;
}

describe("a header of one's own", () => {
  test.each([0, 1, 8, 10, 11, 12, 13, 27, 31, 127, 256, 0x4e2d])(
    "is refused for a character that no header carries (%d), and its value is not shown",
    (code) => {
      const error = refusal({ "X-Proxy": `geheim${String.fromCodePoint(code)}secret` });
      expect(error.message).toContain('"x-proxy"');
      expect(inspect(error, { depth: 5 })).not.toMatch(/geheim|secret/);
    },
  );

  test.each([
    "Host",
    "Origin",
    "Connection",
    "Keep-Alive",
    "Proxy-Connection",
    "Upgrade",
    "Transfer-Encoding",
    "Content-Length",
    "Content-Type",
    "Content-Encoding",
    "Expect",
    "TE",
    "Trailer",
    "Range",
    "X-Gotify-Key",
    "Sec-WebSocket-Key",
    "sec-websocket-extensions",
    "Sec-WebSocket-Protocol",
  ])("%s is refused: client and transport set it themselves", (name) => {
    const error = refusal({ [name]: "geheim" });
    expect(error.message).toContain(`"${name.toLowerCase()}"`);
    expect(inspect(error, { depth: 5 })).not.toContain("geheim");
  });

  test.each<[string, Record<string, string>]>([
    ["a name that is none", { "X Bad": "geheim" }],
    ["an empty name", { "": "geheim" }],
  ])("is refused for %s", (_name, headers) => {
    expect(inspect(refusal(headers), { depth: 5 })).not.toContain("geheim");
  });

  test("goes out with requests and with the stream's handshake alike, every byte it may have", async () => {
    const wss = new WebSocketServer({ noServer: true });
    onTestFinished(() => wss.close());
    const handshakes: unknown[] = [];
    const server = await startLocalServer(
      (_, response) => sendJson(response, 200, { version: "3" }),
      (request, socket, head) => {
        handshakes.push(request.headers);
        wss.handleUpgrade(request, socket, head, () => {});
      },
    );
    const headers = {
      "CF-Access-Client-Secret": "tab\there, ~!",
      "X-Latin": "caf\u00e9\u0080\u00ff",
      Cookie: "session=1",
      Authorization: " Basic eDp5\n",
      "X-Empty": "",
    };
    const client = new GotifyClient({ serverUrl: server.url, clientToken: "C", headers });
    await client.version();
    const stream = await client.openStream({ onMessage: () => {} });
    await stream.close();
    const sent = {
      "cf-access-client-secret": "tab\there, ~!",
      "x-latin": "caf\u00e9\u0080\u00ff",
      cookie: "session=1",
      authorization: "Basic eDp5",
      "x-empty": "",
    };
    expect(server.requests[0]?.headers).toMatchObject(sent);
    expect(handshakes).toMatchObject([sent]);
  });

  test("of any kind: refused with a typed error, or sent, also by the stream", async () => {
    const server = await startLocalServer(
      (_, response) => sendJson(response, 200, { version: "3" }),
      (_, socket) => void socket.end("HTTP/1.1 503 X\r\ncontent-length: 0\r\n\r\n"),
    );
    const names = ["X-A", "Accept", "Cookie", "Date", "Via", "Pragma", "Proxy-Authorization"];
    let sent = 0;
    for (const name of names) {
      for (let code = 0; code < 0x120; code += 7) {
        const client = clientWith({ [name]: `a${String.fromCodePoint(code)}b` }, server.url);
        if (client instanceof GotifyConfigError) continue;
        sent += 1;
        expect(await client.version()).toMatchObject({ version: "3" });
        await expect(client.openStream({ onMessage: () => {} })).rejects.toMatchObject({
          code: "GOTIFY_SERVER_ERROR",
        });
      }
    }
    expect(sent).toBeGreaterThan(100);
  });
});
