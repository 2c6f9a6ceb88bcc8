import { describe, expect, onTestFinished, test } from "vitest";
import { startEmulator, type Personality } from "../../test/emulator/index.ts";
import { GotifyClient } from "../gotify/client.ts";
import type { Answers } from "./answers.ts";
import { provision, type NewClient } from "./provision.ts";
import type { Connect } from "./server-facts.ts";

const LOGIN = { user: "ada", password: "only-once-31415" };
const connect: Connect = ({ serverUrl, clientToken }) =>
  new GotifyClient({ serverUrl, ...(clientToken === undefined ? {} : { clientToken }) });

async function server(personality: Personality) {
  const emulator = await startEmulator({ personality, ...LOGIN });
  onTestFinished(() => emulator.stop());
  return emulator;
}

/** A login again in which everything else is there already. */
function again(serverUrl: string): Answers {
  const application = { kind: "kept", appToken: "A-that-is-there" } as const;
  const access = { kind: "login", login: LOGIN, application } as const;
  return { serverUrl, access, chat: { kind: "later" }, keepApart: false, testPush: false };
}

describe.each<Personality>(["v2", "v3"])("on Gotify %s", (personality) => {
  test("a new client is tried at once, and the server's time of it is told, although nothing else uses it", async () => {
    const { url: serverUrl, store } = await server(personality);
    const told: NewClient[] = [];
    const { outcome } = await provision(again(serverUrl), {
      connect,
      onClient: (client) => void told.push(client),
    });
    const reader = connect({ serverUrl, clientToken: outcome.clientToken });
    const tries = store.requests().filter(({ url }) => url.endsWith("/current/user"));
    expect(tries).toHaveLength(1);
    const [listed] = await reader.listClients();
    expect(listed?.lastUsed).toBeDefined();
    expect(told.at(-1)).toMatchObject({
      id: listed?.id,
      serverMs: (listed?.createdAt ?? listed?.lastUsed)?.getTime(),
    });
  });

  test("a new client whose token is another's, or does not work, is not written, and goes again", async () => {
    const emulator = await server(personality);
    const eve = emulator.createUser("eve");
    const { id, token: hers } = emulator.createClient("hers", { userId: eve.id });
    for (const [token, problem] of [
      [hers, /taken for somebody else's \(eve\)/],
      ["C-that-nobody-knows", /does not accept the client token/],
    ] as const) {
      // As something does that stands in front of the server, and puts in a token of its own.
      const through: Connect = ({ clientToken, ...at }) =>
        connect({ ...at, clientToken: clientToken && token });
      await expect(provision(again(emulator.url), { connect: through })).rejects.toThrow(problem);
      expect(emulator.store.clients().map((client) => client.id)).toEqual([id]);
    }
  });
});
