import { describe, expect, onTestFinished, test } from "vitest";
import { sendJson, startLocalServer, type Answer } from "../../test/support/local-server.ts";
import { GotifyClient, type GotifyClientOptions } from "./index.ts";

const containing = (text: string): unknown => expect.stringContaining(text);
const LIMIT_MS = 300;
/** One answer is in time, two one after the other are not. */
const ANSWER_MS = 200;

/** Answers with what the path asks for, but takes its time over it. */
const slowly: Answer = ({ method, url }, response) => {
  const item = { id: 7, name: "name", token: "Atoken", description: "", defaultPriority: 0 };
  const answers: Readonly<Record<string, [number, unknown]>> = {
    "GET /application": [200, [item]],
    "GET /client": [200, [item]],
    "GET /current/user": [401, { errorDescription: "no" }],
    "POST /message": [400, { errorDescription: "Field 'message' is required" }],
  };
  const [status, body] = answers[`${method} ${url}`] ?? [200, item];
  setTimeout(() => sendJson(response, status, body), ANSWER_MS);
};

async function clientFor(answer: Answer, options: Partial<GotifyClientOptions> = {}) {
  const server = await startLocalServer(answer);
  const client = new GotifyClient({
    serverUrl: server.url,
    appToken: "Atoken",
    clientToken: "Ctoken",
    ...options,
  });
  return { server, client };
}

describe("a call that takes several requests has one time limit for all of them", () => {
  const login = { user: "admin", password: "geheim" };
  test.each<[string, (client: GotifyClient) => Promise<unknown>]>([
    ["updateApplication", (client) => client.updateApplication(7, { description: "x" })],
    ["updateClient", (client) => client.updateClient(7, { name: "x" })],
    ["probeAppToken", (client) => client.probeAppToken()],
    ["probeClientToken", (client) => client.probeClientToken()],
    ["bootstrap", (client) => client.bootstrap({ login, clientName: "c", applicationName: "a" })],
  ])("%s", async (_name, call) => {
    const { client } = await clientFor(slowly, { timeoutMs: LIMIT_MS });
    await expect(call(client)).rejects.toMatchObject({
      code: "GOTIFY_TIMEOUT",
      message: containing("within 0.3 s"),
    });
  });

  test("and a bootstrap that ran out of time still removes what it made", async () => {
    const { client, server } = await clientFor((request, response) => {
      // The list of applications never comes.
      if (request.method !== "GET") sendJson(response, 200, { id: 7, name: "c", token: "Ctoken" });
    });
    const names = { clientName: "c", applicationName: "a" };
    const work = client.bootstrap({ login, ...names }, { timeoutMs: LIMIT_MS });
    const error: unknown = await work.catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "GOTIFY_TIMEOUT" });
    expect(String(error)).not.toMatch(/could not be removed/);
    expect(server.requests.at(-1)).toMatchObject({ method: "DELETE", url: "/client/7" });
  });
});

/** A body that never ends, and tells when it is cancelled. */
function endlessBody(): { body: ReadableStream; cancelled: Promise<unknown> } {
  let tell: (reason: unknown) => void = () => {};
  const cancelled = new Promise<unknown>((resolve) => {
    tell = resolve;
  });
  const body = new ReadableStream({
    pull: () => new Promise<void>(() => {}),
    cancel: (reason) => {
      tell(reason);
      throw new Error("a source that cannot even be cancelled");
    },
  });
  return { body, cancelled };
}

/** Everything Node would end a process for, until the test is over. */
function unhandledRejections(): unknown[] {
  const seen: unknown[] = [];
  const onUnhandled = (reason: unknown): void => void seen.push(reason);
  process.on("unhandledRejection", onUnhandled);
  onTestFinished(() => void process.off("unhandledRejection", onUnhandled));
  return seen;
}

/** Node reports a rejection after the microtasks of its turn, so it has been by the second turn. */
async function turns(): Promise<void> {
  for (let n = 0; n < 2; n += 1) await new Promise((resolve) => setImmediate(resolve));
}

describe("a fetch that does not heed its signal", () => {
  const own = (fetch: typeof globalThis.fetch, timeoutMs = 50): GotifyClient =>
    new GotifyClient({ serverUrl: "http://127.0.0.1:9", clientToken: "Ctoken", timeoutMs, fetch });

  test("does not keep the call beyond its time limit, and its late answer is thrown away", async () => {
    const unhandled = unhandledRejections();
    const { body, cancelled } = endlessBody();
    let answer: (response: Response) => void = () => {};
    const client = own(
      () =>
        new Promise((resolve) => {
          answer = resolve;
        }),
    );
    await expect(client.currentUser()).rejects.toMatchObject({ code: "GOTIFY_TIMEOUT" });
    answer(new Response(body));
    await cancelled;
    await turns();
    expect(unhandled).toEqual([]);
  });

  test("does not keep the call after an abort, and its late failure is nobody's", async () => {
    const unhandled = unhandledRejections();
    let fail: (error: Error) => void = () => {};
    const client = own(
      () =>
        new Promise((_, reject) => {
          fail = reject;
        }),
      10_000,
    );
    const controller = new AbortController();
    const reason = new Error("shutting down");
    const call = client.currentUser({ signal: controller.signal });
    controller.abort(reason);
    await expect(call).rejects.toBe(reason);
    fail(new TypeError("fetch failed"));
    await turns();
    expect(unhandled).toEqual([]);
  });

  test.each([200, 500])("nor does the body of its answer (%i)", async (status) => {
    const unhandled = unhandledRejections();
    const { body, cancelled } = endlessBody();
    const client = own(async () => new Response(body, { status }));
    await expect(client.currentUser()).rejects.toMatchObject({ code: "GOTIFY_TIMEOUT" });
    await cancelled;
    await turns();
    expect(unhandled).toEqual([]);
  });

  test("is not called at all once the time is up or the signal aborted", async () => {
    let calls = 0;
    const client = own(async () => {
      calls += 1;
      return Response.json({});
    });
    const signal = AbortSignal.abort(new Error("over"));
    await expect(client.currentUser({ signal })).rejects.toThrow("over");
    expect(calls).toBe(0);
  });

  test("may also throw at once", async () => {
    const client = own(() => {
      throw new Error("no network here");
    });
    await expect(client.currentUser()).rejects.toMatchObject({ code: "GOTIFY_CONNECTION_LOST" });
  });
});

test("what was not read of an answer is cancelled", async () => {
  const { body, cancelled } = endlessBody();
  const large = new ReadableStream({
    start: (controller) => controller.enqueue(new Uint8Array(2_000)),
    cancel: () => body.cancel(),
  });
  const client = new GotifyClient({
    serverUrl: "http://127.0.0.1:9",
    maxAnswerBytes: 1_000,
    fetch: async () => new Response(large),
  });
  await expect(client.version()).rejects.toMatchObject({ code: "GOTIFY_ANSWER_TOO_LARGE" });
  await cancelled;
});

test("a signal that lives for weeks collects no listeners", async () => {
  const { client } = await clientFor(({ url }, response) =>
    sendJson(response, 200, url === "/version" ? { version: "3.0.0" } : []),
  );
  const controller = new AbortController();
  const { signal } = controller;
  let listeners = 0;
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (...args: Parameters<typeof add>) => {
    listeners += 1;
    add(...args);
  };
  signal.removeEventListener = (...args: Parameters<typeof remove>) => {
    listeners -= 1;
    remove(...args);
  };
  await client.version({ signal });
  await client.listApplications({ signal });
  expect(listeners).toBe(0);
});
