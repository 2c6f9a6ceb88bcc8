// Owns the world around the bridge: a Gotify with everything that can go wrong, people who post, and the truth about what they posted.
import { GotifyClient } from "../../src/gotify/client.ts";
import { startEmulator, type Emulator } from "../emulator/index.ts";
import type { Random } from "./random.ts";
import type { VirtualTime } from "../support/virtual-time.ts";

/** Databases commit late by less than the time after which the bridge takes an id for settled. */
const LONGEST_HOLD_UP_MS = 5_000;
const POST_TIMEOUT_MS = 150;

export interface Town {
  readonly emulator: Emulator;
  readonly clientToken: string;
  readonly appToken: string;
  /** Texts that have to reach the agent once, and those that may reach it at most once. */
  readonly truth: () => { readonly must: ReadonlySet<string>; readonly may: ReadonlySet<string> };
  /** From now on, what is stored has to reach the agent. */
  readonly beginToCount: () => void;
  /** One thing happens, chosen by chance. Says which. */
  readonly happen: () => Promise<string>;
  readonly pass: (ms: number) => void;
  /** Everything works again, and what hung or was held up has gone on. */
  readonly calmDown: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

export async function startTown(random: Random, time: VirtualTime): Promise<Town> {
  const emulator = await startEmulator({
    personality: random.pick(["v2", "v3"]),
    now: time.date,
  });
  const { faults, store } = emulator;
  const senders = ["phone", "grafana", "backup"].map((name) => {
    const { token } = emulator.createApplication(name);
    return new GotifyClient({
      serverUrl: emulator.url,
      appToken: token,
      timeoutMs: POST_TIMEOUT_MS,
    });
  });
  const posts = new Set<Promise<unknown>>();
  const gone = new Set<string>();
  let counted: number | undefined;
  let posted = 0;
  let isDown = false;

  const texts = (): string[] => store.messages().map(({ message }) => message);
  const isCounted = (text: string): boolean =>
    counted !== undefined && Number(text.split(" ")[1]) >= counted;

  const post = (count: number): void => {
    for (let left = count; left > 0; left -= 1) {
      posted += 1;
      const sender = random.pick([senders[0], senders[1], senders[2]]);
      const peer = random.chance(0.2) ? { openclaw: { peerId: "guest" } } : {};
      const work = sender
        ?.sendMessage({ message: `number ${posted}`, extras: peer })
        .catch(() => undefined);
      if (work === undefined) continue;
      posts.add(work);
      void work.then(() => posts.delete(work));
    }
  };
  /** What is late becomes visible before so much time passes that a database would never be so late. */
  const letGo = (): void => {
    faults.commitLate(undefined);
    faults.shuffleFrames(undefined);
  };
  const pass = (ms: number): void => {
    if (ms > LONGEST_HOLD_UP_MS) letGo();
    time.pass(ms);
  };
  const comeBack = async (): Promise<void> => {
    if (isDown) await emulator.comeBack();
    isDown = false;
  };
  const goDown = async (): Promise<void> => {
    await comeBack();
    await emulator.goDown();
    isDown = true;
  };

  const events: readonly [string, number, () => void | Promise<void>][] = [
    ["a post", 30, () => post(1)],
    ["a burst of posts", 16, () => post(random.between(2, 12))],
    ["a moment", 10, () => pass(random.between(1, 900))],
    ["some seconds", 8, () => pass(random.between(1_000, 15_000))],
    ["some minutes", 3, () => pass(random.between(30_000, 400_000))],
    ["streams cut", 3, () => faults.cutStreams()],
    ["streams half-open", 2, () => faults.freezeOpenStreams()],
    ["frames lost", 4, () => faults.dropNextFrames(random.between(1, 4))],
    ["stored but 500", 2, () => faults.failNextPostsStored(random.between(1, 3))],
    ["posts hang", 2, () => faults.storeNextPostsLate(random.between(1, 3), 60_000)],
    ["posts thaw", 4, () => faults.thawPosts()],
    ["late commits", 4, () => faults.commitLate({ share: 0.5, delayMs: 60_000, ids: 40 })],
    [
      "frames out of order",
      4,
      () => faults.shuffleFrames({ share: 0.5, delayMs: 60_000, ids: 40 }),
    ],
    ["all is committed", 3, letGo],
    ["a neighbour leaves", 2, () => faults.addLeavingNeighbour()],
    ["a neighbour stalls", 1, () => faults.addStalledNeighbour({ delayMs: 30 })],
    ["the database is down", 2, () => void (faults.databaseDown = true)],
    ["the database is back", 6, () => void (faults.databaseDown = false)],
    ["the database freezes", 1, () => void (faults.databaseFrozen = true)],
    ["the database thaws", 6, () => void (faults.databaseFrozen = false)],
    ["a proxy answers 502", 2, () => void (faults.badGateway = true)],
    ["a proxy shows a login", 1, () => void (faults.htmlFront = true)],
    ["a proxy forgets the upgrade", 1, () => void (faults.loseUpgrade = true)],
    ["a proxy asks for patience", 1, () => faults.tooManyRequests(random.between(1, 30))],
    ["the proxy works", 10, () => restoreProxy(emulator)],
    ["registration is slow", 2, () => void (faults.registrationDelayMs = random.between(1, 20))],
    ["answers are slow", 2, () => void (faults.slowAnswersMs = random.between(1, 20))],
    ["answers are fast", 2, () => void (faults.slowAnswersMs = 0)],
    ["ids jump", 1, () => store.skipMessageIds(random.between(1, 300))],
    ["garbage on the stream", 1, () => faults.rawFrame("{}")],
    ["a message is deleted", 3, () => deleteOne()],
    ["the server stops", 2, goDown],
    ["the server starts", 8, comeBack],
    ["the server is replaced by an empty one", 1, replaceServer],
  ];
  const total = events.reduce((sum, [, weight]) => sum + weight, 0);

  function deleteOne(): void {
    const messages = store.messages();
    if (messages.length === 0) return;
    const victim = messages[random.between(0, messages.length - 1)];
    if (victim === undefined) return;
    gone.add(victim.message);
    emulator.deleteMessage(victim.id);
  }

  async function replaceServer(): Promise<void> {
    letGo();
    faults.thawPosts();
    await Promise.all(posts);
    await goDown();
    for (const text of texts()) gone.add(text);
    store.resetMessages();
    pass(random.between(5_000, 60_000));
    await comeBack();
  }

  return {
    emulator,
    clientToken: emulator.createClient("bridge").token,
    appToken: emulator.createApplication("OpenClaw").token,
    truth() {
      const stored = texts().filter(isCounted);
      return {
        must: new Set(stored.filter((text) => !gone.has(text))),
        may: new Set([...gone, ...texts().filter((text) => !isCounted(text))]),
      };
    },
    beginToCount() {
      counted = posted + 1;
    },
    async happen() {
      let at = random.next() * total;
      for (const [name, weight, act] of events) {
        at -= weight;
        if (at >= 0) continue;
        await act();
        return name;
      }
      return "nothing";
    },
    pass,
    async calmDown() {
      await comeBack();
      faults.clear();
      restoreProxy(emulator);
      await Promise.all(posts);
    },
    stop: () => emulator.stop(),
  };
}

function restoreProxy({ faults }: Emulator): void {
  faults.badGateway = false;
  faults.htmlFront = false;
  faults.loseUpgrade = false;
  faults.tooManyRequests(undefined);
}
