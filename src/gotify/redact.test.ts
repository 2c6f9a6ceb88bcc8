import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { startLocalServer } from "../../test/support/local-server.ts";
import { GotifyClient } from "./index.ts";

const TOKEN = "Cgeheim.client-token";
/** What an error text is read of at most. */
const BODY_LIMIT = 8 * 1024;

interface Refusal {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

interface Secrets {
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** All that can be seen of the two errors: of a call and of a handshake that are refused like this. */
async function shownFor(refusal: Refusal, { token = TOKEN, headers = {} }: Secrets = {}) {
  const { status = 500, body = "" } = refusal;
  const head = { "content-type": "text/plain", connection: "close", ...refusal.headers };
  const server = await startLocalServer(
    (_, response) => void response.writeHead(status, head).end(body),
    (_, socket) => {
      const lines = Object.entries(head).map(([name, value]) => `${name}: ${value}\r\n`);
      socket.end(`HTTP/1.1 ${status} X\r\n${lines.join("")}\r\n${body}`);
    },
  );
  const client = new GotifyClient({ serverUrl: server.url, clientToken: token, headers });
  return Promise.all(
    [client.currentUser(), client.openStream({ onMessage: () => {} })].map((work) =>
      work.then(
        () => "no error",
        // Unlike the inspection, the message shows each character as it is.
        (error: unknown) => `${String(error)}\n${inspect(error, { depth: 6 })}`,
      ),
    ),
  );
}

describe("a secret that a server repeats", () => {
  // So much further is read: one character may be percent-encoded as three bytes.
  const LONGEST = 9 * TOKEN.length;

  test.each([0, 1, 5, 10, 19, 20, 21, 60, 180, ...[1, 5, 10, 19, 20].map((n) => n - LONGEST)])(
    "is not shown in part when the text is cut %d characters after its begin",
    async (shift) => {
      const padding = " ".repeat(BODY_LIMIT - 4 - shift);
      for (const shown of await shownFor({ body: `bad ${padding}${TOKEN} is no token` })) {
        expect(shown).toContain("bad");
        expect(shown).not.toMatch(/Cgeh|geheim|client-tok/);
      }
    },
  );

  test("is not shown in part either when many others before it make the text shorter", async () => {
    const many = `${TOKEN} `.repeat(500);
    for (const shown of await shownFor({ body: many })) expect(shown).not.toMatch(/Cgeh|geheim/);
  });

  test("costs no more of a long text than could be a part of it, however long it is itself", async () => {
    const headers = { "X-Access": "geheim".repeat(250) };
    for (const shown of await shownFor({ body: `bad ${"x".repeat(50_000)}` }, { headers })) {
      expect(shown).toContain("(500): bad xxx");
    }
  });

  test("is not shown in part when a refused handshake breaks off", async () => {
    const server = await startLocalServer(
      () => {},
      (_, socket) => {
        const head = "HTTP/1.1 500 X\r\ncontent-type: text/plain\r\ncontent-length: 500\r\n\r\n";
        socket.end(`${head}bad token Cgeheim.clie`);
      },
    );
    const client = new GotifyClient({ serverUrl: server.url, clientToken: TOKEN });
    const error: unknown = await client
      .openStream({ onMessage: () => {} })
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "GOTIFY_SERVER_ERROR" });
    expect(inspect(error, { depth: 6 })).not.toContain("geheim");
  });

  const ODD = 'Cge"h\\eim/+%&=#~key';
  const secret = "ge heim/ü中😀\t?&=secret";
  const latin = "gehe\u00efm/s\u00e9cret&=";

  test.each<[string, string]>([
    ["as it is", ODD],
    ["in JSON", JSON.stringify(ODD)],
    ["in JSON of another kind", ODD.replaceAll('"', '\\"').replaceAll("/", "\\/")],
    ["in JSON that escapes for HTML", ODD.replaceAll("&", "\\u0026").replaceAll("+", "\\u002B")],
    ["in a query", encodeURIComponent(ODD)],
    ["in a query, in lower case", encodeURIComponent(ODD).replace(/%../g, (c) => c.toLowerCase())],
    ["in a form", new URLSearchParams({ a: ODD }).toString().slice(2)],
    ["in a path", encodeURI(ODD)],
    ["with all of it encoded", Buffer.from(ODD).toString("hex").replace(/../g, "%$&")],
  ])("is found %s", async (_name, form) => {
    for (const shown of await shownFor({ body: `key ${form} is bad` }, { token: ODD })) {
      expect(shown).toMatch(/key "?…"? is bad/);
      expect(shown).not.toContain("eim");
    }
  });

  test("is found with blanks and characters beyond ASCII", async () => {
    const server = await startLocalServer((_, response) => {
      const forms = [secret, encodeURIComponent(secret), encodeURI(secret)];
      const form = new URLSearchParams({ a: secret }).toString().slice(2);
      response.writeHead(500).end([...forms, form].join(" | "));
    });
    const client = new GotifyClient({ serverUrl: server.url });
    const login = { user: "admin", password: secret };
    await expect(client.deleteClient(1, { login })).rejects.toMatchObject({
      description: "… | … | … | …",
    });
  });

  test("is found in what a header carried", async () => {
    const headers = { "X-Access": `Bearer ${latin}` };
    const text = `no ${latin}, ${encodeURIComponent(latin)}, ${encodeURIComponent(`Bearer ${latin}`)}!`;
    for (const shown of await shownFor({ body: text }, { headers })) {
      expect(shown).toContain("no …, …, …!");
    }
  });

  test("is found in the address of a redirect", async () => {
    const location = `https://elsewhere.invalid/${encodeURIComponent(ODD)}/${encodeURI(ODD).replace("#", "%23")}`;
    const refusal = { status: 302, headers: { location } };
    for (const shown of await shownFor(refusal, { token: ODD })) {
      expect(shown).toContain("GOTIFY_REDIRECT");
      expect(shown).toContain("https://elsewhere.invalid/…/");
      expect(shown).not.toMatch(/eim|key/);
    }
  });

  test("is found whole when another one is its beginning, or its end", async () => {
    for (const headers of [
      { "X-A": "Cgeheim" },
      { "X-A": "client-token" },
      { "X-A": "Cgeheim", "X-B": "client-token", "X-C": "geheim.client" },
      { "X-A": TOKEN.slice(0, 10), "X-B": `${TOKEN}-of-another-kind` },
    ]) {
      const body = `bad ${TOKEN}, ${Object.values(headers).join(", ")}!`;
      for (const shown of await shownFor({ body }, { headers })) {
        expect(shown).toMatch(/\(500\): bad …(?:, …)+!/);
      }
    }
  });

  test("leaves ordinary words alone", async () => {
    const headers = { "X-Flag": "on", "X-Empty": "" };
    for (const shown of await shownFor({ body: "only a connection" }, { headers })) {
      expect(shown).toContain("only a connection");
    }
  });
});
