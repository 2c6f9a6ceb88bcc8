// Owns the same way in without a disk: a bare socket, a queue in memory, the host's monitor and the default merging over it.
import { once } from "node:events";
import { WebSocket, type RawData } from "ws";
import { parseMessage } from "../src/gotify/message.ts";
import { parseJson } from "../src/gotify/parse.ts";
import { laneOf } from "../src/inbound/turn/lane.ts";
import { createMerger } from "../src/inbound/turn/merge.ts";
import { createMonitor, type Monitor } from "../src/inbound/monitor.ts";
import { writePayload } from "../src/journal/wire.ts";
import { mergerDefaults } from "./bridge.ts";
import { createLatencies } from "./latencies.ts";
import { createMemoryQueue } from "./memory-queue.ts";
import { serve } from "./worker.ts";

const latencies = createLatencies();
const queue = createMemoryQueue();

const calls = {
  async start({ url, clientToken }: { url: string; clientToken: string }): Promise<void> {
    const { signal } = new AbortController();
    const agent = mergerDefaults(async ({ messages, lifecycle }) => {
      latencies.dispatched(messages.map(({ message }) => message));
      await lifecycle.onAdopted();
    }, signal);
    const monitor = createMonitor({
      queue,
      turns: createMerger(agent),
      onError() {},
      onLog() {},
      signal,
    });
    monitor.start();
    const socket = new WebSocket(`${url.replace("http", "ws")}/stream`, {
      headers: { "X-Gotify-Key": clientToken },
      perMessageDeflate: false,
    });
    socket.on("message", (data) => void take(monitor, data));
    await once(socket, "open");
  },
  begin: latencies.forget,
  end: () => ({ latencies: latencies.list() }),
} satisfies Record<string, (argument: never) => unknown>;

export type MemoryCalls = typeof calls;

async function take(monitor: Monitor, data: RawData): Promise<void> {
  const message = parseMessage(parseJson(Buffer.isBuffer(data) ? data.toString("utf8") : ""));
  if (message === undefined) return;
  latencies.received(message);
  const payload = parseJson(writePayload(message));
  await queue.enqueue(String(message.id), payload, { laneKey: laneOf(message, false) });
  monitor.requestDrain();
}

serve(calls);
