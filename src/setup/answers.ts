// Owns what a set-up has been told: everything is asked before anything is made, so that whoever stops halfway leaves nothing behind.
import type { GotifyLogin } from "../gotify/call-options.ts";

/** An application that is there, or the name of one to be made. */
export type ApplicationChoice =
  | { readonly kind: "new"; readonly name: string }
  | { readonly kind: "existing"; readonly id: number; readonly name: string }
  /** The one that the account posts with, whose token stays where it is written. */
  | { readonly kind: "kept"; readonly appToken: string };

/** The application that a person writes with. */
export type ChatChoice =
  | { readonly kind: "existing"; readonly id: number }
  /** The one that is made for the answers: both sides of the talk in one place. */
  | { readonly kind: "own" }
  /** Whoever writes with it needs its token, which Gotify 3 shows this once. */
  | { readonly kind: "new"; readonly name: string; readonly showToken: boolean }
  | { readonly kind: "later" };

/** How the account comes by its tokens. */
export type Access =
  /** A user's name and password make a client and an application, and are forgotten. */
  | {
      readonly kind: "login";
      readonly login: GotifyLogin;
      readonly application: ApplicationChoice;
    }
  /** A client's token makes or finds the application. */
  | {
      readonly kind: "client-token";
      readonly clientToken: string;
      readonly application: ApplicationChoice;
    }
  /** Both, or the one that sends. */
  | {
      readonly kind: "tokens";
      readonly appToken: string;
      readonly clientToken: string | undefined;
      /** They stay where they are, and are not written. */
      readonly isEnvironment: boolean;
    };

export interface Answers {
  readonly serverUrl: string;
  readonly access: Access;
  readonly chat: ChatChoice;
  /** Whether each application is to have a conversation of its own (`session.dmScope`). */
  readonly keepApart: boolean;
  readonly testPush: boolean;
}

/** What a set-up ends with, ready to be written. */
export interface Outcome {
  readonly serverUrl: string;
  /** `undefined` for what is not to be written: it stays in the environment, or there is none. */
  readonly appToken: string | undefined;
  /** The app token that is written stays as it is, be it text, a file or a reference. */
  readonly keepsAppToken: boolean;
  readonly clientToken: string | undefined;
  readonly chatAppId: number | undefined;
  readonly keepApart: boolean;
}
