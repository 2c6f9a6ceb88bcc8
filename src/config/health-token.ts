// Owns reading `healthToken`: what a monitor has to show at the health route, if anything.
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { asObject, asString } from "../gotify/parse.ts";
import { HEALTH_TOKEN_KEY } from "./secret-places.ts";
import { asSecretReference } from "./secret-reference.ts";
import { CHANNEL_ID } from "./types.ts";

/** - `open`: none is set. - `unreadable`: one is meant, and this process does not have it: nobody gets in. */
export type HealthToken =
  | { readonly kind: "open" }
  | { readonly kind: "token"; readonly token: string }
  | { readonly kind: "unreadable" };

export function readHealthToken(cfg: OpenClawConfig): HealthToken {
  const value = asObject(cfg.channels?.[CHANNEL_ID])?.[HEALTH_TOKEN_KEY];
  if (value === undefined) return { kind: "open" };
  const token = asSecretReference(value) === undefined ? asString(value)?.trim() : undefined;
  // Also a blank one: whoever wrote the key meant to lock the door.
  return token === undefined || token === "" ? { kind: "unreadable" } : { kind: "token", token };
}
