import { describe, expect, test } from "vitest";
import { sendJson, startLocalServer, type Answer } from "../../test/support/local-server.ts";
import { GotifyClient, type GotifyClientOptions, type HistoryQuery } from "./index.ts";

const containing = (text: string): unknown => expect.stringContaining(text);
const matching = (pattern: RegExp): unknown => expect.stringMatching(pattern);

/** A history of this many messages with ids from 1 on; `serve` may leave a page unanswered. */
async function history(
  count: number,
  options: Partial<GotifyClientOptions> = {},
  serve: (limit: number) => boolean = () => true,
) {
  const limits: number[] = [];
  const answer: Answer = ({ url }, response) => {
    const query = new URL(url, "http://localhost").searchParams;
    const limit = Number(query.get("limit"));
    const since = Number(query.get("since") ?? count + 1);
    limits.push(limit);
    if (!serve(limit)) return;
    const ids = Array.from({ length: Math.min(limit, since - 1) }, (_, n) => since - 1 - n);
    const last = ids.at(-1) ?? 0;
    const messages = ids.map((id) => ({ id, appid: 1, message: "x".repeat(100) }));
    sendJson(response, 200, { messages, paging: { size: ids.length, since: last > 1 ? last : 0 } });
  };
  const server = await startLocalServer(answer);
  const client = new GotifyClient({ serverUrl: server.url, clientToken: "Ctoken", ...options });
  const read = async (query: HistoryQuery = {}): Promise<number[]> => {
    const ids: number[] = [];
    for await (const page of client.readPages(query))
      ids.push(...page.messages.map(({ id }) => id));
    return ids;
  };
  return { limits, client, read };
}

const down = (from: number, to: number): number[] =>
  Array.from({ length: from - to + 1 }, (_, n) => from - n);

describe("reading back", () => {
  test("asks for the largest page there is, to the end", async () => {
    const { read, limits } = await history(450);
    expect(await read()).toEqual(down(450, 1));
    expect(limits).toEqual([200, 200, 200]);
  });

  test("stops at the bound, and never asks for more than it needs", async () => {
    const { read, limits } = await history(450);
    expect(await read({ maxMessages: 201 })).toEqual(down(450, 250));
    expect(limits).toEqual([200, 1]);
    expect(await read({ maxMessages: 0 })).toEqual([]);
    expect(limits).toHaveLength(2);
    expect(await read({ maxMessages: 200, pageSize: 100 })).toHaveLength(200);
    expect(limits).toEqual([200, 1, 100, 100]);
    expect(await read({ maxMessages: Infinity })).toHaveLength(450);
  });

  test("goes on below an id, of which there is nothing below the first", async () => {
    const { read, limits } = await history(10);
    expect(await read({ since: 4 })).toEqual([3, 2, 1]);
    expect(await read({ since: 1 })).toEqual([]);
    limits.length = 0;
    // Gotify takes 0 for no cursor at all, and would give the newest.
    expect(await read({ since: 0 })).toEqual([]);
    expect(limits).toEqual([]);
  });

  test.each<[string, HistoryQuery]>([
    ["1 to 200", { pageSize: 0 }],
    ["1 to 200", { pageSize: 201 }],
    ["1 to 200", { pageSize: -1 }],
    ["1 to 200", { pageSize: 1.5 }],
    ["1 to 200", { pageSize: Number.NaN }],
    ["number of messages", { maxMessages: -1 }],
    ["number of messages", { maxMessages: 1.5 }],
    ["number of messages", { maxMessages: Number.NaN }],
    ["number of messages", { maxMessages: -Infinity }],
    ["since", { since: -1 }],
    ["since", { since: 1.5 }],
    ["since", { since: Number.NaN }],
    ["since", { since: Infinity }],
    ["id is a whole number", { appId: 1.5 }],
    ["id is a whole number", { appId: -1 }],
  ])("refuses what cannot work, naming it (%s, %j), and asks nothing", async (named, query) => {
    const { read, limits } = await history(10);
    await expect(read(query)).rejects.toMatchObject({
      code: "GOTIFY_CONFIG",
      message: containing(named),
    });
    expect(limits).toEqual([]);
  });

  test("names a missing token with the first page, not before", async () => {
    const client = new GotifyClient({ serverUrl: "http://127.0.0.1:9" });
    const pages = client.readPages();
    await expect(pages.next()).rejects.toThrow(/No client token/);
  });
});

describe("a page that is too much", () => {
  test("is halved until it can be held, and the next ones stay as small", async () => {
    const { read, limits } = await history(30, { maxAnswerBytes: 2_000 });
    expect(await read()).toEqual(down(30, 1));
    expect(limits).toEqual([200, 100, 50, 25, 13, 13, 13]);
  });

  test("is the end when a single message is too large", async () => {
    const { read, limits } = await history(30, { maxAnswerBytes: 50 });
    await expect(read({ pageSize: 3 })).rejects.toMatchObject({ code: "GOTIFY_ANSWER_TOO_LARGE" });
    expect(limits).toEqual([3, 2, 1]);
  });

  test("gives way within its own time when it is too slow, and the next ones stay as small", async () => {
    const { read, limits } = await history(30, { timeoutMs: 2_000 }, (limit) => limit <= 25);
    expect(await read()).toEqual(down(30, 1));
    expect(limits).toEqual([200, 25, 25]);
  });

  test("takes no longer than one time limit, smaller tries included", async () => {
    const { read, limits } = await history(30, { timeoutMs: 400 }, () => false);
    const startedAt = performance.now();
    await expect(read()).rejects.toMatchObject({
      code: "GOTIFY_TIMEOUT",
      message: containing("within 0.4 s"),
    });
    // The first try alone may take half of the limit: four whole limits would be 1,600.
    expect(performance.now() - startedAt).toBeLessThan(1_200);
    // On a busy machine the time may be up before the last try.
    expect([200, 25, 4, 1].slice(0, limits.length)).toEqual(limits);
    expect(limits.length).toBeGreaterThan(1);
  });

  test("has a time limit of its own: what is done between two pages does not count", async () => {
    const { client } = await history(3, { timeoutMs: 500 });
    let read = 0;
    for await (const page of client.readPages({ pageSize: 1 })) {
      read += page.messages.length;
      const until = performance.now() + 300;
      while (performance.now() < until) {
        // Work that keeps the process busy.
      }
    }
    expect(read).toBe(3);
  });

  test("stops with the caller's own reason, also between two tries", async () => {
    const controller = new AbortController();
    const reason = new Error("shutting down");
    const { client } = await history(30, { timeoutMs: 400 }, (limit) => {
      if (limit === 25) controller.abort(reason);
      return false;
    });
    const pages = client.readPages({}, { signal: controller.signal });
    await expect(pages.next()).rejects.toBe(reason);
  });
});

describe("a server that does not page as Gotify does", () => {
  const entry = (id: number, appid = 1): object => ({ id, appid, message: "x" });
  const page = (ids: readonly number[], since: number): object => ({
    messages: ids.map((id) => entry(id)),
    paging: { since },
  });

  /** Answers with these pages, one after the other, and with the last one from then on. */
  async function reading(bodies: readonly unknown[], query: HistoryQuery = { pageSize: 2 }) {
    let next = 0;
    const server = await startLocalServer((_, response) => {
      sendJson(response, 200, bodies[Math.min(next, bodies.length - 1)]);
      next += 1;
    });
    const client = new GotifyClient({ serverUrl: server.url, clientToken: "Ctoken" });
    const ids: number[] = [];
    const read = async (): Promise<unknown> => {
      for await (const { messages } of client.readPages(query)) {
        ids.push(...messages.map(({ id }) => id));
        if (server.requests.length > 20) return "no end";
      }
      return "the end";
    };
    const end = await read().catch((reason: unknown) => reason);
    return { ids, end, requests: server.requests };
  }

  test.each<[RegExp, readonly unknown[], HistoryQuery?]>([
    [/drops the query/, [page([3, 2, 1], 0)]],
    [/do not lead backwards/, [page([9], 9), page([8], 9)]],
    [/do not lead backwards/, [page([9], 8), page([7], 8)]],
    // Each page leads on, and there is nothing on any of them.
    [/without messages/, [page([], 5)]],
    [/without messages/, [9, 8, 7, 6, 5].map((since) => page([], since)), { maxMessages: 1 }],
    // Something between here and there answers without the cursor, or from memory.
    [/drops the query/, [page([9, 8], 8), page([9, 8], 0)]],
    [/drops the query/, [page([5], 0)], { since: 5 }],
    [/drops the query/, [page([4, 6], 0)], { since: 5 }],
    // And here without the path: one application's messages would be everybody's.
    [
      /drops the query/,
      [{ messages: [entry(9, 1), entry(8, 2)], paging: { since: 0 } }],
      { appId: 1 },
    ],
  ])("is not read for ever, nor believed: %s %j %j", async (text, bodies, query) => {
    const { end, requests } = await reading(bodies, query);
    expect(end).toMatchObject({ name: "GotifyAnswerError", message: matching(text) });
    expect(requests.length).toBeLessThan(4);
  });

  test.each<[unknown]>([
    [undefined],
    [null],
    [[]],
    [{ size: 2 }],
    [{ since: "8" }],
    [{ since: null }],
    [{ since: -1 }],
    [{ since: 1.5 }],
    [{ since: 2 ** 53 }],
  ])("does not make a page the last one by not saying what follows: %j", async (paging) => {
    const { ids, end } = await reading([{ messages: [entry(9), entry(8)], paging }]);
    expect(end).toMatchObject({ code: "GOTIFY_NOT_GOTIFY" });
    expect(ids).toEqual([]);
  });

  test("may give fewer messages than it was asked for, and some that cannot be read", async () => {
    const { ids, end } = await reading(
      [
        { messages: [entry(9), { id: 8 }, entry(7)], paging: { since: 7 } },
        page([6], 6),
        { messages: ["nothing"], paging: { since: 4 } },
        page([3], 0),
      ],
      { pageSize: 3, appId: 1 },
    );
    expect({ ids, end }).toEqual({ ids: [9, 7, 6, 3], end: "the end" });
  });

  test("may have nothing at all: one empty page, and nothing after it", async () => {
    expect(await reading([page([], 0)])).toMatchObject({ ids: [], end: "the end" });
  });
});
