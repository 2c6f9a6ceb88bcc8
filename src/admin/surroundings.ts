// Owns what the administration's commands need of the process they run in: the configuration, a person, a signal to stop.
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { configWithSecrets } from "../config/command-secrets.ts";
import { CommandError } from "../config/command-line.ts";
import type { ResolvedAccount } from "../config/types.ts";
import { personAtTerminal, readAllOfStdin, terminalProgress } from "./terminal.ts";

/** Whoever sits at the terminal. */
export interface Person {
  readonly ask: (question: string) => Promise<string>;
  /** The answer is not shown while it is typed. */
  readonly askHidden: (question: string) => Promise<string>;
}

export interface Progress {
  /** How much is done by now. */
  readonly at: (done: number) => void;
  readonly end: () => void;
}

/** Which application an account posts as; `undefined` where nobody can tell. Rejects when the server does not answer. */
export type OwnApplication = (account: ResolvedAccount) => Promise<number | undefined>;

/** Passed in, so that commands can be tested without a process of their own. */
export interface Surroundings {
  /** With the secrets that can be had. */
  readonly config: () => Promise<OpenClawConfig>;
  readonly ownApplication: OwnApplication;
  /** `undefined` where nobody can be asked. */
  readonly person: Person | undefined;
  /** Columns of the terminal that is written to; `undefined` where it is none. */
  readonly columns: number | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly readStdin: () => Promise<string>;
  /** Lets the work end where it can tell how far it came: Ctrl-C aborts the signal, a second one ends the process. */
  readonly interruptible: <T>(work: (signal: AbortSignal) => Promise<T>) => Promise<T>;
  /** @param total `undefined` where nobody knows how much there is. */
  readonly progress: (what: string, total?: number) => Progress;
  /** A note beside the answer, for people. */
  readonly note: (line: string) => void;
}

/** The reason of an interruption. */
export class InterruptedError extends CommandError {
  constructor() {
    super("Stopped.", { code: "GOTIFY_INTERRUPTED" });
  }
}

/** The process itself. @param command what was typed, for the host's messages. */
export function processSurroundings(command: string, ownApplication: OwnApplication): Surroundings {
  return {
    config: () => configWithSecrets(command),
    ownApplication,
    person: personAtTerminal(),
    columns: process.stdout.isTTY ? process.stdout.columns : undefined,
    environment: process.env,
    readStdin: readAllOfStdin,
    interruptible,
    progress: terminalProgress,
    note: (line) => void process.stderr.write(`${line}\n`),
  };
}

async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const stop = new AbortController();
  const onSignal = (): void => {
    stop.abort(new InterruptedError());
    ignore();
  };
  const ignore = (): void => {
    process.off("SIGINT", onSignal);
    process.off("SIGTERM", onSignal);
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  try {
    return await work(stop.signal);
  } finally {
    ignore();
  }
}
