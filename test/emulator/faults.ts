// Owns the switches with which a test makes the emulator misbehave the way real servers and proxies do.
import type { Database } from "./databases.ts";
import type { FrontFault, PostFault, StreamSwitches } from "./fault-kinds.ts";
import { HoldUps, type HoldUpOptions } from "./hold-ups.ts";

export type HoldUpSettings = Partial<HoldUpOptions>;

const FIRST_USER_ID = 1;

/** As measured on PostgreSQL with 64 senders: 89 of 5,120 rows, up to 1.4 s and 127 ids late. */
const LATE_COMMITS: HoldUpOptions = { share: 0.0175, delayMs: 1400, ids: 127 };
/** On PostgreSQL with 64 senders: half of the frames, up to 242 ids back. */
const SHUFFLED_FRAMES: HoldUpOptions = { share: 0.5, delayMs: 1400, ids: 242 };

/**
 * Everything that can go wrong, off at the start. Plain switches are properties, faults that use
 * themselves up are methods with a count. To add one: a switch here, and one look at it in the place
 * where the real thing would go wrong (`front.ts`, `messages-api.ts`, `streams.ts`, `auth.ts`).
 */
export class Faults {
  /**
   * Milliseconds between the stream's 101 and the moment the socket gets messages and answers pings.
   * What is posted in between never reaches it. Default 0.
   */
  registrationDelayMs = 0;

  /** The database is gone: /health says so, every call with credentials answers 500, open streams live on. */
  databaseDown = false;

  /** What is behind the server, which decides what it refuses for good and how exact its dates are. Default `sqlite3`. */
  database: Database = "sqlite3";

  /** Milliseconds that every page of messages costs, as with many messages on MariaDB, whatever its limit. */
  pageCostMs = 0;

  /** Requests with more bytes than this are answered 413 with a proxy's HTML. Default: no limit. */
  maxBodyBytes: number | undefined;

  /** Every request is answered 200 with the HTML of a login page. */
  htmlFront = false;

  /** Every request is answered 502 with a proxy's HTML. */
  badGateway = false;

  /** Gotify's own TLS is on: over plain HTTP, GET and HEAD are sent to https, all else is answered 400 in plain text. */
  httpsOnly = false;

  /** A proxy forgets the `Upgrade` and `Connection` headers, so the stream's handshake is an ordinary request. */
  loseUpgrade = false;

  /** Milliseconds by which every answer is late, after the work is done and the stream has been told. */
  slowAnswersMs = 0;

  readonly #streams: StreamSwitches;
  readonly #onChange: () => void;
  readonly #posts: PostFault[] = [];
  #framesToDrop = 0;
  #applicationsToRefuse = 0;
  #lostConnections = 0;
  #hanging = 0;
  #freezeStreams = false;
  #redirect: string | undefined;
  #retryAfterSeconds: number | undefined;
  #thaw = Promise.withResolvers<void>();
  #databaseThaw: PromiseWithResolvers<void> | undefined;
  #lateCommits: HoldUps | undefined;
  #shuffledFrames: HoldUps | undefined;
  readonly #neighbours: Array<() => void> = [];

  constructor(streams: StreamSwitches, onChange: () => void) {
    this.#streams = streams;
    this.#onChange = onChange;
  }

  /**
   * All streams, open and new, are half-open: nothing is read, answered or sent until this is off again.
   * Messages of that time never reach them. They go on counting as streams, whatever their clients do.
   */
  get freezeStreams(): boolean {
    return this.#freezeStreams;
  }

  set freezeStreams(frozen: boolean) {
    this.#freezeStreams = frozen;
    this.#streams.freezeAll(frozen);
  }

  /**
   * The database hangs: whatever asks it, /health too, gets no answer until this is off again, and then a good one.
   * Open streams live on.
   */
  get databaseFrozen(): boolean {
    return this.#databaseThaw !== undefined;
  }

  set databaseFrozen(frozen: boolean) {
    if (frozen) this.#databaseThaw ??= Promise.withResolvers<void>();
    else {
      this.#databaseThaw?.resolve();
      this.#databaseThaw = undefined;
    }
  }

  /**
   * Messages that get their id, and become visible to REST only after newer ones; then they are streamed and answered.
   * What is left out is as measured on PostgreSQL with 64 senders. Undefined ends it, and lets go what is held up.
   */
  commitLate(settings: HoldUpSettings | undefined): void {
    this.#lateCommits?.letGoAll();
    this.#lateCommits = settings && new HoldUps({ ...LATE_COMMITS, ...settings });
  }

  /** Messages that are visible to REST at once, and streamed and answered after newer ones. Otherwise as `commitLate`. */
  shuffleFrames(settings: HoldUpSettings | undefined): void {
    this.#shuffledFrames?.letGoAll();
    this.#shuffledFrames = settings && new HoldUps({ ...SHUFFLED_FRAMES, ...settings });
  }

  /**
   * Another socket of the user that from now on reads nothing. The next post is held up by it, stored, and answered
   * 500 with an empty body once the socket is given up; sockets that were put on the list after it miss that frame,
   * and sockets that open meanwhile are put on the list afterwards. Then all is well. (A real socket that does not read
   * does the same, once it is full.)
   */
  addStalledNeighbour({ delayMs = 2000, userId = FIRST_USER_ID } = {}): void {
    this.#neighbours.push(this.#streams.addNeighbour(userId, delayMs));
  }

  /** The same, only that the socket leaves in the very moment of the next post, which so fails at once. */
  addLeavingNeighbour({ userId = FIRST_USER_ID } = {}): void {
    this.addStalledNeighbour({ delayMs: 0, userId });
  }

  /** The next `count` messages are stored and never streamed, to any socket. */
  dropNextFrames(count: number): void {
    this.#framesToDrop = count;
  }

  /**
   * The next `count` posts are stored and answered 500; by default no stream hears of them. The body is empty unless a
   * text is given: when MariaDB dies under load, it is `invalid connection`.
   */
  failNextPostsStored(
    count: number,
    { streamed = false, text }: { streamed?: boolean; text?: string } = {},
  ): void {
    for (let left = count; left > 0; left -= 1)
      this.#posts.push({ kind: "stored-but-500", streamed, text });
  }

  /**
   * The next `count` times that the database is asked for credentials or health, it seems to be down. So it is with the
   * first one or two requests after PostgreSQL was restarted: the server still has connections from before.
   */
  loseDatabaseConnections(count: number): void {
    this.#lostConnections = count;
  }

  /** The next `count` posts get no answer and are not stored, until `thawPosts()`. */
  hangNextPosts(count: number): void {
    for (let left = count; left > 0; left -= 1) {
      this.#posts.push({ kind: "hang", delayMs: undefined });
    }
  }

  /**
   * The next `count` posts get no answer, and are stored and streamed after `delayMs`, when their sender has given up.
   * `thawPosts()` shortens it.
   */
  storeNextPostsLate(count: number, delayMs = 60_000): void {
    for (let left = count; left > 0; left -= 1) this.#posts.push({ kind: "hang", delayMs });
  }

  /** The next `count` new applications are refused with a 500 and not made, as when two are made at the same time. */
  refuseNextApplications(count: number): void {
    this.#applicationsToRefuse = count;
  }

  /** How many posts hang now. */
  get hangingPosts(): number {
    return this.#hanging;
  }

  /** Hanging posts go on: they are stored, streamed and answered, also when their sender is long gone. */
  thawPosts(): void {
    this.#thaw.resolve();
    this.#thaw = Promise.withResolvers<void>();
  }

  /** Every request is answered 302. An address without a path gets the request's own, as from http to https. */
  redirectTo(url: string | undefined): void {
    this.#redirect = url;
  }

  /** Every request is answered 429 with this `Retry-After`; undefined ends it. Only a proxy does that. */
  tooManyRequests(retryAfterSeconds: number | undefined): void {
    this.#retryAfterSeconds = retryAfterSeconds;
  }

  /** Ends every open stream without a close frame: the client sees 1006. */
  cutStreams(): void {
    this.#streams.cutAll();
  }

  /** The streams open now are half-open for good; new ones work. What a cable pulled in between looks like. */
  freezeOpenStreams(): void {
    this.#streams.freezeOpen();
  }

  /** Sends one text frame as it stands to every open stream. */
  rawFrame(text: string): void {
    this.#streams.sendRaw(text);
  }

  /** Everything off again. What hangs or is held up goes on; streams frozen for good stay so. */
  clear(): void {
    this.database = "sqlite3";
    this.databaseFrozen = false;
    this.pageCostMs = 0;
    this.maxBodyBytes = undefined;
    this.commitLate(undefined);
    this.shuffleFrames(undefined);
    for (const leave of this.#neighbours.splice(0)) leave();
    this.registrationDelayMs = 0;
    this.databaseDown = false;
    this.freezeStreams = false;
    this.htmlFront = false;
    this.badGateway = false;
    this.httpsOnly = false;
    this.loseUpgrade = false;
    this.slowAnswersMs = 0;
    this.#posts.length = 0;
    this.#framesToDrop = 0;
    this.#applicationsToRefuse = 0;
    this.#lostConnections = 0;
    this.#redirect = undefined;
    this.#retryAfterSeconds = undefined;
    this.thawPosts();
  }

  /** For the emulator. */
  front(): FrontFault | undefined {
    if (this.#retryAfterSeconds !== undefined) {
      return { kind: "too-many-requests", retryAfterSeconds: this.#retryAfterSeconds };
    }
    if (this.#redirect !== undefined) return { kind: "redirect", url: this.#redirect };
    if (this.httpsOnly) return { kind: "https-only" };
    if (this.badGateway) return { kind: "bad-gateway" };
    return this.htmlFront ? { kind: "html-login" } : undefined;
  }

  /** For the emulator: uses up one fault. */
  takePostFault(): PostFault | undefined {
    return this.#posts.shift();
  }

  /** For the emulator, when it asks the database: uses up one lost connection. */
  takeDatabaseLoss(): boolean {
    if (this.databaseDown) return true;
    if (this.#lostConnections === 0) return false;
    this.#lostConnections -= 1;
    return true;
  }

  /** For the emulator: uses up one refusal. */
  takeRefusedApplication(): boolean {
    if (this.#applicationsToRefuse === 0) return false;
    this.#applicationsToRefuse -= 1;
    return true;
  }

  /** For the emulator: uses up one dropped frame. */
  takeDroppedFrame(): boolean {
    if (this.#framesToDrop === 0) return false;
    this.#framesToDrop -= 1;
    return true;
  }

  /** For the emulator. */
  async untilThaw(delayMs: number | undefined): Promise<void> {
    this.#hanging += 1;
    this.#onChange();
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = delayMs === undefined ? undefined : setTimeout(resolve, delayMs);
    await Promise.race([this.#thaw.promise, promise]);
    clearTimeout(timer);
    this.#hanging -= 1;
  }

  /** For the emulator. Undefined while the database answers. */
  untilDatabaseThaws(): Promise<void> | undefined {
    return this.#databaseThaw?.promise;
  }

  /** For the emulator: once for each new message. Undefined is no hold-up. */
  holdUp(id: number): Record<"commit" | "frame", Promise<void> | undefined> {
    return { commit: this.#lateCommits?.hold(id), frame: this.#shuffledFrames?.hold(id) };
  }
}
