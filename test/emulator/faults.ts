// Owns the switches with which a test makes the emulator misbehave the way real servers and proxies do.

/** What the stream side does on command. */
export interface StreamSwitches {
  cutAll(): void;
  freezeAll(frozen: boolean): void;
  freezeOpen(): void;
  sendRaw(text: string): void;
}

/** Answers that something in front of Gotify gives in its place. */
export type FrontFault =
  | { readonly kind: "html-login" }
  | { readonly kind: "bad-gateway" }
  | { readonly kind: "redirect"; readonly url: string }
  | { readonly kind: "too-many-requests"; readonly retryAfterSeconds: number };

/** What happens to a POST /message that is about to be stored. */
export type PostFault =
  | { readonly kind: "stored-but-500"; readonly streamed: boolean }
  | { readonly kind: "hang" };

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

  /** Every request is answered 200 with the HTML of a login page. */
  htmlFront = false;

  /** Every request is answered 502 with a proxy's HTML. */
  badGateway = false;

  /** A proxy forgets the `Upgrade` and `Connection` headers, so the stream's handshake is an ordinary request. */
  loseUpgrade = false;

  /** Milliseconds by which every answer is late, after the work is done and the stream has been told. */
  slowAnswersMs = 0;

  readonly #streams: StreamSwitches;
  readonly #onChange: () => void;
  readonly #posts: PostFault[] = [];
  #framesToDrop = 0;
  #hanging = 0;
  #freezeStreams = false;
  #redirect: string | undefined;
  #retryAfterSeconds: number | undefined;
  #thaw = Promise.withResolvers<void>();

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

  /** The next `count` messages are stored and never streamed, to any socket. */
  dropNextFrames(count: number): void {
    this.#framesToDrop = count;
  }

  /** The next `count` posts are stored and answered 500 with an empty body; by default no stream hears of them. */
  failNextPostsStored(count: number, { streamed = false }: { streamed?: boolean } = {}): void {
    for (let left = count; left > 0; left -= 1)
      this.#posts.push({ kind: "stored-but-500", streamed });
  }

  /** The next `count` posts get no answer and are not stored, until `thawPosts()`. */
  hangNextPosts(count: number): void {
    for (let left = count; left > 0; left -= 1) this.#posts.push({ kind: "hang" });
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

  /** Everything off again. Hanging posts go on; streams frozen for good stay so. */
  clear(): void {
    this.registrationDelayMs = 0;
    this.databaseDown = false;
    this.freezeStreams = false;
    this.htmlFront = false;
    this.badGateway = false;
    this.loseUpgrade = false;
    this.slowAnswersMs = 0;
    this.#posts.length = 0;
    this.#framesToDrop = 0;
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
    if (this.badGateway) return { kind: "bad-gateway" };
    return this.htmlFront ? { kind: "html-login" } : undefined;
  }

  /** For the emulator: uses up one fault. */
  takePostFault(): PostFault | undefined {
    return this.#posts.shift();
  }

  /** For the emulator: uses up one dropped frame. */
  takeDroppedFrame(): boolean {
    if (this.#framesToDrop === 0) return false;
    this.#framesToDrop -= 1;
    return true;
  }

  /** For the emulator. */
  async untilThaw(): Promise<void> {
    this.#hanging += 1;
    this.#onChange();
    await this.#thaw.promise;
    this.#hanging -= 1;
  }
}
