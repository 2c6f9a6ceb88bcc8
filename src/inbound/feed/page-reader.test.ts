import { expect, test } from "vitest";
import type { GotifyMessage } from "../../gotify/message.ts";
import { createPageReader, type PageReaderOptions } from "./page-reader.ts";

const message = (id: number): GotifyMessage => ({
  id,
  appId: 5,
  message: `message ${id}`,
  title: "",
  priority: 0,
  extras: {},
  date: undefined,
});

/** A history of so many pages of one message each, which notes what is asked for. */
function setup(pages: number, options: { costMs?: number; failAt?: number } = {}) {
  const asked: number[] = [];
  let elapsed = 0;
  let aborted = false;
  let ended = 0;
  const client: PageReaderOptions["client"] = {
    async *readPages({ since = pages + 1 } = {}, { signal } = {}) {
      signal?.addEventListener("abort", () => (aborted = true));
      try {
        for (let id = since - 1; id > 0; id -= 1) {
          asked.push(id);
          await Promise.resolve();
          if (id === options.failAt) throw new Error("gone");
          elapsed += options.costMs ?? 0;
          const next = id > 1 ? id : undefined;
          yield { messages: [message(id)], next, unreadable: 0, servedAt: undefined };
        }
      } finally {
        ended += 1;
      }
    },
  };
  const reader = createPageReader(
    { client, elapsed: () => elapsed },
    20,
    new AbortController().signal,
  );
  const next = async (): Promise<number | undefined> => (await reader.next())?.messages[0]?.id;
  return {
    reader,
    next,
    asked,
    wasAborted: () => aborted,
    ended: () => ended,
    pass: (ms: number) => (elapsed += ms),
  };
}

test("pages come one by one, and nothing after the last", async () => {
  const { next, asked } = setup(3);
  expect([await next(), await next(), await next(), await next()]).toEqual([3, 2, 1, undefined]);
  expect(asked).toEqual([3, 2, 1]);
});

test("no page is asked for before somebody wants it", async () => {
  const { next, asked } = setup(3);
  await next();
  await new Promise(setImmediate);
  expect(asked).toEqual([3]);
});

test("a page asked for ahead is on its way meanwhile, and comes next, once", async () => {
  const { reader, next, asked } = setup(3);
  await next();
  await reader.ahead();
  expect(asked).toEqual([3, 2]);
  expect([await next(), await next(), await next()]).toEqual([2, 1, undefined]);
  expect(asked).toEqual([3, 2, 1]);
});

test("a page that fails ahead of time is told of when it is wanted", async () => {
  const { reader, next } = setup(3, { failAt: 2 });
  expect(await next()).toBe(3);
  await reader.ahead();
  await new Promise(setImmediate);
  await expect(next()).rejects.toThrow("gone");
});

test("the cost of a page is the server's, not the time until somebody wants it", async () => {
  const { reader, next, pass } = setup(3, { costMs: 30 });
  await next();
  await reader.ahead();
  pass(10_000);
  await next();
  expect(reader.costMs()).toBe(30);
});

test("the end breaks off what is on its way, and leaves nothing open", async () => {
  const { reader, next, wasAborted, ended } = setup(3);
  await next();
  await reader.ahead();
  await reader.close();
  expect(wasAborted()).toBe(true);
  expect(ended()).toBe(2);
});
