// Owns which of many simultaneous posts fall behind the others, and for how long: by time and by newer ids.

export interface HoldUpOptions {
  /** Of all posts, 0 to 1, evenly spread: 0.5 is every second one. */
  readonly share: number;
  /** At most; every post is held up for another part of it. */
  readonly delayMs: number;
  /** At most so many newer ids are given out before this one is let go. */
  readonly ids: number;
}

interface Held {
  readonly id: number;
  readonly letGo: () => void;
}

/** Multiples of it, without their whole part, are spread evenly and look random: no two runs differ. */
const GOLDEN_RATIO = (Math.sqrt(5) - 1) / 2;
/** Of sums of shares such as 0.1. */
const ROUNDING = 1e-9;

export class HoldUps {
  readonly #options: HoldUpOptions;
  readonly #held = new Set<Held>();
  #due = 0;
  #count = 0;

  constructor(options: HoldUpOptions) {
    this.#options = options;
  }

  /** To be asked once for each new id, in their order. Undefined: this one goes on at once. */
  hold(id: number): Promise<void> | undefined {
    for (const held of this.#held) if (held.id + this.#options.ids <= id) held.letGo();
    this.#due += this.#options.share;
    if (this.#due < 1 - ROUNDING) return undefined;
    this.#due -= 1;
    this.#count += 1;
    const { promise, resolve } = Promise.withResolvers<void>();
    const part = (this.#count * GOLDEN_RATIO) % 1;
    const timer = setTimeout(() => held.letGo(), part * this.#options.delayMs);
    const held: Held = {
      id,
      letGo: () => {
        clearTimeout(timer);
        this.#held.delete(held);
        resolve();
      },
    };
    this.#held.add(held);
    return promise;
  }

  letGoAll(): void {
    for (const { letGo } of this.#held) letGo();
  }
}
