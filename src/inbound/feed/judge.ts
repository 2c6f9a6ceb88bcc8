// Owns which messages are for the agent at all: decided once, when a message is taken in, and written down.
import type { GotifyMessage } from "../../gotify/message.ts";
import type { Verdict } from "./progress.ts";

export interface JudgeOptions {
  /** True for what this bridge posted itself. */
  readonly isEcho: (message: GotifyMessage) => boolean;
  /** True for commands of applications that may give them; their priority says nothing. */
  readonly isCommand: (message: GotifyMessage) => boolean;
  /** Ids of the watched applications; `undefined` watches all. */
  readonly watched: ReadonlySet<number> | undefined;
  readonly minPriority: number | undefined;
  readonly now: () => number;
}

/** A command means the moment it was given in: `/stop` or `/approve` must not come true hours later. */
const COMMAND_TTL_MS = 15 * 60_000;

export function createJudge(options: JudgeOptions): (message: GotifyMessage) => Verdict {
  const { watched, minPriority } = options;
  return (message) => {
    if (options.isEcho(message)) return "echo";
    if (watched !== undefined && !watched.has(message.appId)) return "unwatched";
    if (options.isCommand(message)) {
      const age = options.now() - (message.date?.getTime() ?? options.now());
      return age > COMMAND_TTL_MS ? "skipped" : "admitted";
    }
    return minPriority === undefined || message.priority >= minPriority
      ? "admitted"
      : "unimportant";
  };
}
