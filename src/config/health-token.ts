// Owns reading `healthToken`: what a monitor has to show at the health route, if anything.
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { asObject, asString } from "../gotify/parse.ts";
import { HEALTH_TOKEN_KEY } from "./secret-places.ts";
import { asSecretReference, unresolvedSecret } from "./secret-reference.ts";
import { CHANNEL_ID } from "./types.ts";

/**
 * - `open`: none is set. - `unreadable`: one is meant, and this process does not have it, or no request could
 * ever carry it: nobody gets in.
 */
export type HealthToken =
  | { readonly kind: "open" }
  | { readonly kind: "token"; readonly token: string }
  | {
      readonly kind: "unreadable";
      /** What is wrong, and what to do. */
      readonly problem: string;
      /** Whether another process may be able to read it. */
      readonly isReference: boolean;
    };

const PATH = `channels.${CHANNEL_ID}.${HEALTH_TOKEN_KEY}`;
const WHAT_TO_DO =
  "Write a token of one line into it, or remove the key if everybody may ask whether all is well.";
/** No header may hold them, so that nobody can show such a token. */
const CONTROL_CHARACTER = /[\p{Cc}\p{Cs}]/u;

export function readHealthToken(cfg: OpenClawConfig): HealthToken {
  const value = asObject(cfg.channels?.[CHANNEL_ID])?.[HEALTH_TOKEN_KEY];
  if (value === undefined) return { kind: "open" };
  const reference = asSecretReference(value);
  if (reference !== undefined) {
    const problem = unresolvedSecret(PATH, reference);
    return { kind: "unreadable", problem, isReference: true };
  }
  // Also a blank one: whoever wrote the key meant to lock the door.
  const token = asString(value)?.trim();
  if (token !== undefined && token !== "" && !CONTROL_CHARACTER.test(token)) {
    return { kind: "token", token };
  }
  const what =
    token === undefined
      ? "is no text"
      : token === ""
        ? "is empty"
        : "holds a line break or another character of control";
  const problem = `${PATH} ${what}. ${WHAT_TO_DO}`;
  return { kind: "unreadable", problem, isReference: false };
}
