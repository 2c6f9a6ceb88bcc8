// Owns the process that sends: replies through the adapter's own path, and the same posts by nothing but `fetch`.
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { createPosting, type Posting } from "../src/outbound/posting.ts";
import { sendReply } from "../src/outbound/send.ts";
import { replyOf } from "../src/outbound/controls/native.ts";
import { journaledReplies } from "../src/outbound/post/unsettled-replies.ts";
import { serve, workerFolder } from "./worker.ts";

interface Order {
  readonly url: string;
  readonly appToken: string;
  readonly clientToken: string;
  readonly count: number;
}

const text = (index: number): string =>
  `All is well: the backup of **last night** is there.\nIt took ${index} minutes, see https://backup.example.com/${index}.`;

function fail(reason: string): never {
  throw new Error(reason);
}

const host: Posting["host"] = {
  installId: () => "bench",
  newDeliveryId: () => crypto.randomUUID(),
  now: Date.now,
  elapsed: () => performance.now(),
  sleep: async () => {
    throw new Error("Nothing here should have to wait.");
  },
  recordActivity: () => {},
  unsettled: journaledReplies({ folderOf: workerFolder, warn: fail }),
  warn: fail,
};
const posting = createPosting(host);

const calls = {
  /** One after the other, as the host hands them over. Milliseconds for all. */
  async replies({ url, appToken, clientToken, count }: Order): Promise<number> {
    const cfg: OpenClawConfig = { channels: { gotify: { serverUrl: url, appToken, clientToken } } };
    const begun = performance.now();
    for (let index = 0; index < count; index += 1) {
      await sendReply(
        {
          cfg,
          to: "app:1",
          reply: replyOf({ text: text(index) }, { silent: false }),
          deliveryQueueId: `d-${index}`,
        },
        posting,
      );
    }
    return performance.now() - begun;
  },
  /** The bare minimum: posts that say the same, and the answer read. */
  async fetches({ url, appToken, count }: Order): Promise<number> {
    const begun = performance.now();
    for (let index = 0; index < count; index += 1) {
      const response = await fetch(`${url}/message`, {
        method: "POST",
        headers: { "content-type": "application/json", "x-gotify-key": appToken },
        body: JSON.stringify({
          message: text(index),
          title: "Ada",
          priority: 5,
          extras: {
            "client::display": { contentType: "text/markdown" },
            openclaw: {
              peerId: "1",
              delivery: {
                v: 1,
                by: "bench",
                id: `d-${index}`,
                payload: 0,
                payloads: 1,
                part: 0,
                parts: 1,
              },
            },
          },
        }),
      });
      await response.json();
      if (!response.ok) throw new Error(`A post was answered with ${response.status}.`);
    }
    return performance.now() - begun;
  },
};

export type SendCalls = typeof calls;
serve(calls);
