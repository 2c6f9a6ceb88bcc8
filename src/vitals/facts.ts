// Owns the form in which an account's state is told to programs and people: by `openclaw gotify status`, the Gateway method, the routes and the host's own status.
import type { Counter, StreamState } from "./vitals.ts";

/** A thing that is wrong, and what to do about it. */
export interface Problem {
  /** Stable, for programs. */
  readonly code: ProblemCode;
  /** `error`: messages or answers do not get through. `warning`: they do, and something wants looking at. */
  readonly level: "error" | "warning";
  /** One line for people. */
  readonly message: string;
  /** One line that says what to do. */
  readonly fix: string;
}

export type ProblemCode =
  | "not-configured"
  | "secret-missing"
  | "not-running"
  | "not-consuming"
  | "starting-slowly"
  | "disconnected"
  | "unreadable"
  | "blocked"
  | "cannot-receive"
  | "cannot-post"
  | "unchecked"
  | "behind"
  | "stuck-turn"
  | "queue-idle"
  | "waiting-long"
  | "retrying"
  | "all-failed"
  | "dead-letters"
  | "unsettled-replies"
  | "suspended"
  | "journal-unreadable";

/** All times are ISO 8601 in UTC. What is not known is left out. No secret, no text of a message, no address of a server. */
export interface AccountFacts {
  readonly account: string;
  readonly name?: string;
  readonly enabled: boolean;
  readonly configured: boolean;
  /** Whether a Gateway runs the account: this process, or another one by its lease. */
  readonly running: boolean;
  /** Whether it takes messages in, or only sends. */
  readonly receives: boolean;
  /** True when no problem is an `error`. */
  readonly ok: boolean;
  readonly problems: readonly Problem[];
  readonly startedAt?: string;
  readonly version?: string;
  readonly stream?: {
    readonly state: StreamState;
    readonly since: string;
    readonly connectedAt?: string;
    readonly roundTripMs?: number;
  };
  readonly posting?: { readonly ok: boolean; readonly checkedAt: string };
  /** Newest id stored on the server, against the newest that was dealt with here. */
  readonly lag?: {
    readonly newestStored?: number;
    readonly newestTaken?: number;
    /** Messages that were taken in and are not answered yet. */
    readonly unanswered: number;
    readonly checkedAt?: string;
  };
  readonly queue?: {
    /** Messages that wait for their turn. */
    readonly waiting: number;
    readonly oldestWaitingAt?: string;
    /** Messages in turns that run now. */
    readonly inTurns: number;
    readonly oldestTurnAt?: string;
    /** Messages that failed before and are tried again. */
    readonly retrying?: number;
  };
  readonly deadLetters?: {
    /** Messages that were given up. */
    readonly messages: number;
    /** Replies that were refused, or of which nobody knows whether they arrived. */
    readonly replies: number;
    readonly newestAt?: string;
  };
  /** Replies that still wait to be sent. */
  readonly waitingReplies?: number;
  readonly lastInAt?: string;
  /** The last post of this run of the account. */
  readonly lastOutAt?: string;
  /** Where that is not known: the hour in which the last post was counted, by when it began. */
  readonly lastOutHour?: string;
  readonly lastError?: { readonly text: string; readonly at: string };
  /** Something a person should know that stops nothing, e.g. that old messages were skipped. */
  readonly notice?: { readonly text: string; readonly at: string };
  /** Ids of applications that are shut out until somebody confirms them. */
  readonly suspended: readonly number[];
  /** Counted since the account was started. */
  readonly counted?: Readonly<Record<Counter, number>>;
  /** The last 24 hours, oldest first, the running hour last; hours in which nothing happened are there with zeros. */
  readonly hours: readonly HourFacts[];
}

export interface HourFacts {
  /** When the hour began. */
  readonly hour: string;
  readonly in: number;
  readonly out: number;
}

export interface StatusFacts {
  /** True when an account is switched on, and every one that is works: with none on, nobody is answered. */
  readonly ok: boolean;
  /** Of this plugin. */
  readonly plugin: string;
  readonly at: string;
  readonly accounts: readonly AccountFacts[];
}
