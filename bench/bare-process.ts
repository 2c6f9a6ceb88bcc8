// Owns the bare minimum to compare with: sockets that only read, and a loop that only fetches pages.
import { setTimeout as pause } from "node:timers/promises";
import { once } from "node:events";
import { WebSocket } from "ws";
import { asInteger, asObject, parseJson } from "../src/gotify/parse.ts";
import { watchRss } from "./rss.ts";
import { heapInUse, serve } from "./worker.ts";

const PAGE_SIZE = 200;
const SETTLE_MS = 500;

const sockets: WebSocket[] = [];
const rss = watchRss();
let received = 0;

const calls = {
  async read({ url, token }: { url: string; token: string }): Promise<void> {
    await open(url, token);
  },
  received: () => received,
  /** Forgets the warm-up. */
  begin(): void {
    rss.begin();
  },
  end: () => ({ rssGrowth: rss.growth() }),

  /** Milliseconds until all pages are here. */
  async fetchPages({ url, token }: { url: string; token: string }): Promise<{
    ms: number;
    messages: number;
  }> {
    const headers = { "X-Gotify-Key": token };
    // A connection is there already in ours, too.
    await (await fetch(`${url}/current/user`, { headers })).arrayBuffer();
    const begun = performance.now();
    let messages = 0;
    let since = 0;
    do {
      const answer = await fetch(`${url}/message?limit=${PAGE_SIZE}&since=${since}`, { headers });
      const page = asObject(parseJson(await answer.text()));
      const items: unknown = page?.["messages"];
      messages += Array.isArray(items) ? items.length : 0;
      since = asInteger(asObject(page?.["paging"])?.["since"]) ?? 0;
    } while (since !== 0);
    return { ms: performance.now() - begun, messages };
  },

  /** Bytes of heap for each open socket. */
  async heapEach({ url, tokens }: { url: string; tokens: readonly string[] }): Promise<number> {
    const [first = "", ...others] = tokens;
    // What the first one loads and compiles is nobody's own.
    await open(url, first);
    await pause(SETTLE_MS);
    const before = heapInUse();
    for (const token of others) await open(url, token);
    await pause(SETTLE_MS);
    return (heapInUse() - before) / others.length;
  },
} satisfies Record<string, (argument: never) => unknown>;

export type BareCalls = typeof calls;

async function open(url: string, token: string): Promise<void> {
  const socket = new WebSocket(`${url.replace("http", "ws")}/stream`, {
    headers: { "X-Gotify-Key": token },
    perMessageDeflate: false,
  });
  socket.on("message", () => {
    received += 1;
  });
  sockets.push(socket);
  await once(socket, "open");
}

serve(calls);
