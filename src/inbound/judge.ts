// Owns which messages are for the agent at all: decided once, when a message is taken in, and written down.
import type { GotifyMessage } from "../gotify/message.ts";
import type { Verdict } from "./progress.ts";

export interface JudgeOptions {
  /** True for what this bridge posted itself. */
  readonly isEcho: (message: GotifyMessage) => boolean;
  /** True for commands of applications that may give them; their priority says nothing. */
  readonly isCommand: (message: GotifyMessage) => boolean;
  /** Ids of the watched applications; `undefined` watches all. */
  readonly watched: ReadonlySet<number> | undefined;
  readonly minPriority: number | undefined;
}

export function createJudge(options: JudgeOptions): (message: GotifyMessage) => Verdict {
  const { watched, minPriority } = options;
  return (message) => {
    if (options.isEcho(message)) return "echo";
    if (watched !== undefined && !watched.has(message.appId)) return "unwatched";
    if (minPriority === undefined || message.priority >= minPriority) return "admitted";
    return options.isCommand(message) ? "admitted" : "unimportant";
  };
}
