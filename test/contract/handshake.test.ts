// Owns the facts about opening a stream: who may, with which headers, and what a refusal looks like.
import { expect, test } from "vitest";
import { badRequest, basic, notFound, unauthorized } from "./call.ts";
import { HandshakeRefusal } from "./listener.ts";
import { contract, type Site, type StreamOptions } from "./suite.ts";

async function refusal(site: Site, options: StreamOptions): Promise<HandshakeRefusal> {
  try {
    await site.handshake(options);
  } catch (error) {
    if (error instanceof HandshakeRefusal) return error;
    throw error;
  }
  throw new Error("the handshake was accepted");
}

contract("handshake", (site) => {
  test("a client token opens a stream from each of its places, name and password too", async () => {
    const { token } = await site.client();
    const ways: readonly StreamOptions[] = [
      { as: { token } },
      { path: `/stream?token=${token}` },
      { headers: { authorization: `Bearer ${token}` } },
      { headers: { authorization: basic(site.admin) } },
    ];
    for (const way of ways) {
      const stream = await site.stream(way);
      expect(stream.closing).toBeUndefined();
    }
  });

  test("wrong credentials are a 401 with the usual JSON instead of a 101", async () => {
    const application = await site.application();
    for (const as of [undefined, { token: "Cwrong" }, application]) {
      const refused = await refusal(site, { as });
      expect(refused).toMatchObject({
        status: 401,
        body: unauthorized,
        contentType: "application/json",
      });
    }
  });

  test("a foreign Origin is a 403 with an empty body, also without credentials; the own one is welcome", async () => {
    const client = await site.client();
    for (const as of [client, undefined]) {
      const refused = await refusal(site, { as, headers: { origin: "http://evil.example" } });
      expect(refused).toMatchObject({ status: 403, body: "" });
    }
    const { host } = new URL(site.target.url);
    for (const origin of [`http://${host}`, `https://${host}`]) {
      await site.stream({ as: client, headers: { origin } });
    }
  });

  test("another path is a 404, one with a trailing slash a redirect", async () => {
    const as = await site.client();
    const lost = await refusal(site, { as, path: "/no-such-path/stream" });
    expect(lost).toMatchObject({ status: 404, body: notFound("page not found") });
    expect(await refusal(site, { as, path: "/stream/" })).toMatchObject({ status: 301 });
  });

  test("a request that does not upgrade, as when a proxy ate the headers, is a 400 in two voices", async (context) => {
    context.skip(site.kind === "url", "a proxy may answer itself");
    const reply = await site.call("GET", "/stream", { as: await site.client() });
    const reason =
      "websocket: the client is not using the websocket protocol: 'upgrade' token not found in 'Connection' header";
    expect(reply.status).toBe(400);
    expect(reply.contentType).toBe("text/plain; charset=utf-8");
    expect(reply.text).toBe(`Bad Request\n${badRequest(reason)}`);
  });

  test("credentials are looked at before the upgrade", async () => {
    const reply = await site.call("GET", "/stream", { as: { token: "Cwrong" } });
    expect([reply.status, reply.text]).toEqual([401, unauthorized]);
  });

  test("only version 13 of the protocol is spoken", async () => {
    const refused = await refusal(site, { as: await site.client(), protocolVersion: 8 });
    const reason = "websocket: unsupported version: 13 not found in 'Sec-Websocket-Version' header";
    expect(refused).toMatchObject({ status: 400, body: `Bad Request\n${badRequest(reason)}` });
  });

  test("compression is not offered back", async () => {
    const stream = await site.stream({ as: await site.client(), perMessageDeflate: true });
    expect(stream.socket.extensions).toBe("");
  });

  test("no subprotocol is offered back, so a client that asks for one has to live without", async () => {
    // The ws package, like a browser, ends a connection on which its subprotocol was not taken up.
    const attempt = site.handshake({ as: await site.client(), protocols: ["gotify"] });
    await expect(attempt).rejects.toThrow("Server sent no subprotocol");
  });
});
