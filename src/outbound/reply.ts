// Owns what a reply is on its way out: as the host hands it over, and as the messages that it becomes.
import type { JsonObject } from "../gotify/parse.ts";

/** What a reply is, which decides how loud it is unless it says so itself. */
export type ReplyKind = "answer" | "error" | "approval";

/** What may be said about a message beside its text. Where it came from decides what of it counts. */
export interface NativeControls {
  readonly title?: string | undefined;
  readonly priority?: number | undefined;
  /** Opened by a tap on the notification, instead of the app. */
  readonly clickUrl?: string | undefined;
  /** Shown large in Android's notification. */
  readonly bigImageUrl?: string | undefined;
  /** Left out: decided by whether the text is Markdown. */
  readonly contentType?: "text/markdown" | "text/plain" | undefined;
  /** Opened by the Android app when the message arrives. */
  readonly intentUrl?: string | undefined;
  /** Further extras by namespace; `openclaw` and the namespaces of the fields above are ours. */
  readonly extras?: JsonObject | undefined;
}

/** Which turn a reply answers; all absent for what nobody asked for. */
export interface AnsweredTurn {
  /** The agent's id and the name it goes by. */
  readonly agentId?: string | undefined;
  readonly agentName?: string | undefined;
  /** The Gotify message that is answered, and the application it came from. */
  readonly messageId?: number | undefined;
  readonly appId?: number | undefined;
  /** That application's name. */
  readonly appName?: string | undefined;
}

/** A reply as the host hands it over. */
export interface Reply {
  readonly text: string;
  /** Web addresses and local files, in order. */
  readonly mediaUrls: readonly string[];
  readonly kind: ReplyKind;
  readonly silent: boolean;
  readonly native: NativeControls;
  readonly answers: AnsweredTurn;
  /** True for a message that somebody asked to be sent as it is: a file that cannot be sent fails it, instead of becoming a line of text. */
  readonly isExplicit: boolean;
  /** An operator at a terminal may do what an agent, who may have been talked into it, may not. */
  readonly by: "agent" | "operator";
}

/** One Gotify message of a reply, complete but for its stamp. */
export interface Part {
  readonly message: string;
  readonly title: string | undefined;
  readonly priority: number;
  readonly extras: JsonObject;
}
