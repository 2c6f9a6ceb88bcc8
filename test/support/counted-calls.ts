// Owns how many calls of a client are under way, so that a time that passes when told to can stand still meanwhile.
import type { ConsumerClient } from "../../src/inbound/consumer.ts";

export interface CountedCalls {
  /** The client itself, counted. */
  readonly client: ConsumerClient;
  /** Calls that were not answered yet; a stream is none, which stays open. */
  readonly underWay: () => number;
}

export function countCalls(client: ConsumerClient): CountedCalls {
  let underWay = 0;
  const counted = async <T>(call: () => Promise<T>): Promise<T> => {
    underWay += 1;
    try {
      return await call();
    } finally {
      underWay -= 1;
    }
  };
  return {
    underWay: () => underWay,
    client: {
      server: client.server,
      openStream: (options) => client.openStream(options),
      async *readPages(query, call) {
        const pages = client.readPages(query, call);
        try {
          for (;;) {
            const { done, value } = await counted(() => pages.next());
            if (done === true) return;
            yield value;
          }
        } finally {
          await pages.return();
        }
      },
      currentUser: (call) => counted(() => client.currentUser(call)),
      health: (call) => counted(() => client.health(call)),
      probeAppToken: (call) => counted(() => client.probeAppToken(call)),
    },
  };
}
