// Owns what kinds of faults there are besides plain switches, and what a fault may do to the streams.

/** What the stream side does on command. */
export interface StreamSwitches {
  cutAll(): void;
  freezeAll(frozen: boolean): void;
  freezeOpen(): void;
  sendRaw(text: string): void;
  /** Gives back how to make it leave. */
  addNeighbour(userId: number, delayMs: number): () => void;
}

/** Answers that something in front of Gotify gives in its place. */
export type FrontFault =
  | { readonly kind: "html-login" }
  | { readonly kind: "bad-gateway" }
  | { readonly kind: "redirect"; readonly url: string }
  | { readonly kind: "https-only" }
  | { readonly kind: "too-many-requests"; readonly retryAfterSeconds: number };

/** What happens to a POST /message that is about to be stored. */
export type PostFault =
  | {
      readonly kind: "stored-but-500";
      readonly streamed: boolean;
      /** Undefined: the answer has no body. */
      readonly text: string | undefined;
    }
  /** Until thawed, or for so long. */
  | { readonly kind: "hang"; readonly delayMs: number | undefined };
