import { describe, expect, test } from "vitest";
import { sendJson, startLocalServer } from "../../test/support/local-server.ts";
import { classifySendFailure, GotifyClient } from "./index.ts";

const containing = (text: string): unknown => expect.stringContaining(text);
const matching = (pattern: RegExp): unknown => expect.stringMatching(pattern);

/** What a program without types can do: any call with any arguments. */
async function call(client: GotifyClient, method: keyof GotifyClient, ...args: unknown[]) {
  const work: unknown = Reflect.get(client, method);
  if (typeof work !== "function") throw new Error(`no method: ${method}`);
  const result: unknown = Reflect.apply(work, client, args);
  return result;
}

function construct(...args: unknown[]): void {
  Reflect.construct(GotifyClient, args);
}

async function patientServer() {
  const server = await startLocalServer((_, response) => void response.writeHead(200).end());
  const client = new GotifyClient({ serverUrl: server.url, appToken: "A", clientToken: "C" });
  return { server, client };
}

describe("deleting the messages of one application", () => {
  test.each([undefined, null, "", "5", Number.NaN, -1, 1.5])(
    "never deletes those of all when its id is %j",
    async (appId) => {
      const { server, client } = await patientServer();
      await expect(call(client, "deleteApplicationMessages", appId)).rejects.toMatchObject({
        code: "GOTIFY_CONFIG",
      });
      expect(server.requests).toEqual([]);
    },
  );

  test("asks for exactly what it names", async () => {
    const { server, client } = await patientServer();
    await client.deleteApplicationMessages(5);
    await client.deleteAllMessages();
    expect(server.requests.map(({ method, url }) => `${method} ${url}`)).toEqual([
      "DELETE /application/5/message",
      "DELETE /message",
    ]);
  });
});

describe("a client", () => {
  const serverUrl = "http://127.0.0.1:9";

  test.each<[RegExp, unknown]>([
    [/server URL/, undefined],
    [/server URL/, null],
    [/server URL/, "http://127.0.0.1:9"],
    [/server URL/, {}],
    [/server URL/, { serverUrl: 5 }],
    [/client token/, { serverUrl, clientToken: null }],
    [/client token/, { serverUrl, clientToken: 5 }],
    [/app token/, { serverUrl, appToken: null }],
    [/app token/, { serverUrl, appToken: ["A"] }],
    [/app token/, { serverUrl, appToken: "" }],
  ])("cannot be made, which is said (%s): %j", (text, options) => {
    expect(() => construct(options)).toThrow(
      expect.objectContaining({ code: "GOTIFY_CONFIG", message: matching(text) }),
    );
  });
});

describe("a draft", () => {
  test.each<[RegExp, unknown]>([
    [/message/, undefined],
    [/message/, {}],
    [/message/, { message: undefined }],
    [/message/, { message: 5 }],
    [/message/, { message: null }],
    [/extras/, { message: "x", extras: [] }],
    [/extras/, { message: "x", extras: [1] }],
    [/extras/, { message: "x", extras: "text" }],
    [/extras/, { message: "x", extras: null }],
    [/title/, { message: "x", title: 5 }],
    [/priority/, { message: "x", priority: "5" }],
    [/application/, { message: "x", appId: "5" }],
  ])("that cannot be stored is refused before it is sent (%s): %j", async (text, draft) => {
    const { server, client } = await patientServer();
    const error: unknown = await call(client, "sendMessage", draft).catch(
      (reason: unknown) => reason,
    );
    expect(error).toMatchObject({
      code: "GOTIFY_CONFIG",
      message: matching(text),
    });
    expect(classifySendFailure(error)).toBe("refused");
    expect(server.requests).toEqual([]);
  });

  test("may leave out what is undefined", async () => {
    const server = await startLocalServer((_, response) =>
      sendJson(response, 200, { id: 1, appid: 1, message: "x" }),
    );
    const client = new GotifyClient({ serverUrl: server.url, appToken: "A" });
    const draft = { message: "x", title: undefined, extras: undefined, priority: undefined };
    expect(await call(client, "sendMessage", draft)).toMatchObject({ id: 1 });
    expect(server.requests[0]?.body).toBe('{"message":"x"}');
  });
});

describe("a stream", () => {
  test.each([undefined, null, {}, { onMessage: undefined }, { onMessage: 5 }])(
    "needs something to do with a message: %j",
    async (options) => {
      const { client } = await patientServer();
      await expect(call(client, "openStream", options)).rejects.toMatchObject({
        code: "GOTIFY_CONFIG",
        message: containing("onMessage"),
      });
    },
  );

  test.each<[string, unknown]>([
    ["agent", { agent: 5 }],
    ["agent of another protocol", { agent: { protocol: "gopher:", addRequest() {} } }],
  ])("says that its %s cannot work", async (_name, socketOptions) => {
    const { server } = await patientServer();
    const options = { serverUrl: server.url, clientToken: "C", socketOptions };
    const client: unknown = Reflect.construct(GotifyClient, [options]);
    if (!(client instanceof GotifyClient)) throw new Error("no client");
    await expect(client.openStream({ onMessage: () => {} })).rejects.toMatchObject({
      code: "GOTIFY_CONFIG",
      message: containing("socketOptions"),
    });
  });
});
