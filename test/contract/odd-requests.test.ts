// Owns the facts about requests in spellings that a library tidies up before it sends them: paths, headers, handshakes.
import { describe, expect, test } from "vitest";
import { basic, notFound } from "./call.ts";
import { rawCall, rawHandshake, type HeaderLines, type RawReply } from "./raw.ts";
import { contract } from "./suite.ts";

contract("odd requests", (site) => {
  const ask = (method: string, line: string, headers: HeaderLines): Promise<RawReply> =>
    rawCall(site.target.url, method, line, headers);
  const asAdmin = (): HeaderLines => [["Authorization", basic(site.admin)]];

  describe.skipIf(site.kind === "url")("without a proxy in between", () => {
    test("paths are decoded and tidied before they are looked up", async () => {
      const application = await site.application();
      const paths = [
        "/mess%61ge",
        "//message",
        "/./message",
        "/user/../message",
        "/%2e%2e/message",
        `/application/${application.id}%2fmessage`,
      ];
      for (const path of paths) {
        const { status, body } = await ask("GET", `${path}?limit=1`, asAdmin());
        expect([path, status]).toEqual([path, 200]);
        expect(body).toContain('"paging"');
      }
      const redirected = await ask("GET", "/mess%61ge/", asAdmin());
      expect(redirected.status).toBe(301);
    });

    test("so is an id", async () => {
      const { id } = await site.post(await site.application());
      const escaped = String(id).replace(/\d/g, "%3$&");
      expect((await ask("DELETE", `/message/${escaped}`, asAdmin())).status).toBe(200);
      const gone = await ask("DELETE", `/message/${id}`, asAdmin());
      expect([gone.status, gone.body]).toEqual([404, notFound("message does not exist")]);
    });

    test("an escape that is none is a 400 in plain text, before anything else", async () => {
      for (const path of ["/%", "/message/%zz", "/no-such-path%4"]) {
        const { status, headers, body } = await ask("GET", path, [["Origin", "http://evil"]]);
        expect([status, body]).toEqual([400, "400 Bad Request"]);
        expect(headers.get("content-type")).toBe("text/plain; charset=utf-8");
      }
    });

    test("a whole address in the first line is fine, and the name in it is the server's own", async () => {
      const { status } = await ask("GET", "http://other.example/current/user", asAdmin());
      expect(status).toBe(200);
      const origin = (name: string): HeaderLines => [...asAdmin(), ["Origin", `http://${name}`]];
      const own = await ask("GET", "http://other.example/current/user", origin("other.example"));
      expect(own.status).toBe(200);
      const foreign = await ask("GET", "http://other.example/current/user", origin("evil.example"));
      expect(foreign.status).toBe(403);
    });

    test("a # belongs to the path or to the query", async () => {
      const { token } = await site.client();
      expect((await ask("GET", "/message#x", asAdmin())).status).toBe(404);
      expect((await ask("GET", `/current/user?token=${token}#x`, [])).status).toBe(401);
    });

    test("a first line and headers may be long", async () => {
      const long = "p".repeat(100_000);
      const header = await ask("GET", "/current/user", [...asAdmin(), ["X-Long", long]]);
      const query = await ask("GET", `/current/user?x=${long}`, asAdmin());
      expect([header.status, query.status]).toEqual([200, 200]);
      const application = await site.application();
      const line = `/message?message=${long}`;
      const posted = await ask("POST", line, [["X-Gotify-Key", application.token]]);
      expect(posted.status).toBe(site.database.startsWith("mysql") ? 500 : 200);
    });
  });

  test("name and password must be base64 with its padding, after one blank", async () => {
    const good = basic({ name: "admin", password: site.admin.password });
    const unpadded = good.replace(/=+$/, "");
    const twoBlanks = good.replace(" ", "  ");
    const spoiled = [twoBlanks, `${good}!`, ...(unpadded === good ? [] : [unpadded])];
    for (const authorization of spoiled) {
      const reply = await site.call("GET", "/current/user", { headers: { authorization } });
      expect([authorization, reply.status]).toEqual([authorization, 401]);
    }
  });

  test("the first of two X-Gotify-Key counts", async (context) => {
    context.skip(site.kind === "url", "a proxy may join them");
    const { token } = await site.client();
    const keys = (...values: string[]): HeaderLines =>
      values.map((value) => ["X-Gotify-Key", value] as const);
    expect((await ask("GET", "/current/user", keys(token, "wrong"))).status).toBe(200);
    expect((await ask("GET", "/current/user", keys("wrong", token))).status).toBe(401);
  });

  test("an empty Origin is none", async () => {
    for (const [method, path] of [
      ["GET", "/current/user"],
      ["OPTIONS", "/message"],
    ] as const) {
      const headers = { origin: "" };
      expect((await site.call(method, path, { as: site.admin, headers })).status).toBe(200);
    }
  });

  describe.skipIf(site.kind === "url")("handshakes that are odd and fine", () => {
    const cases: ReadonlyArray<
      readonly [what: string, options: { line?: string; headers?: Record<string, string> }]
    > = [
      ["two slashes", { line: "//stream" }],
      ["an escape in the path", { line: "/str%65am" }],
      ["another protocol behind", { headers: { Upgrade: "websocket, foo" } }],
      ["another protocol before", { headers: { Upgrade: "foo, WebSocket" } }],
      ["two versions", { headers: { "Sec-WebSocket-Version": "13, 8" } }],
      ["the other version first", { headers: { "Sec-WebSocket-Version": "8, 13" } }],
      ["no name in the subprotocols", { headers: { "Sec-WebSocket-Protocol": ",," } }],
      ["a subprotocol twice", { headers: { "Sec-WebSocket-Protocol": "a, a" } }],
      ["no extension", { headers: { "Sec-WebSocket-Extensions": ";;;" } }],
      ["an empty Origin", { headers: { Origin: "" } }],
    ];

    test.for(cases)("%s", async ([, options]) => {
      const client = await site.client();
      const { wire, reply } = await rawHandshake(site.target.url, client.token, options);
      site.onCleanUp(() => wire[Symbol.asyncDispose]());
      expect(reply.status).toBe(101);
      expect(reply.headers.has("sec-websocket-protocol")).toBe(false);
      // It is a stream: a ping is answered.
      wire.send(Buffer.from("89820000000070 70".replace(" ", ""), "hex"));
      await wire.until(() => wire.received.includes(Buffer.from("8a027070", "hex")));
    });
  });
});
