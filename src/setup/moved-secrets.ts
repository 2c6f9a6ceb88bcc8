// Owns saying that a token is written as text where a secret stood before: whoever keeps secrets elsewhere wants the new one there, too.
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { ownConfig } from "../config/account-ids.ts";
import { fileKeyOf, filePathOf, TOKEN_KEYS } from "../config/credential.ts";
import { asSecretReference } from "../config/secret-reference.ts";
import { CHANNEL_ID } from "../config/types.ts";
import { asObject } from "../gotify/parse.ts";
import type { Outcome } from "./answers.ts";

const WHAT = { appToken: "app token", clientToken: "client token" } as const;

/** @param cfg as it is written, with its references. */
export function movedSecrets(
  cfg: OpenClawConfig,
  accountId: string,
  outcome: Pick<Outcome, "appToken" | "clientToken">,
): readonly string[] {
  const section = asObject(cfg.channels?.[CHANNEL_ID]);
  const own = ownConfig(section, accountId) ?? (accountId === "default" ? section : undefined);
  if (own === undefined) return [];
  return TOKEN_KEYS.filter((key) => outcome[key] !== undefined).flatMap((key) => {
    const asText = `The new ${WHAT[key]} is written as text`;
    if (asSecretReference(own[key]) !== undefined) {
      return [
        `${asText}, where a reference to a secret stood: openclaw secrets configure makes it one again.`,
      ];
    }
    const file = filePathOf(own, key);
    if (file === undefined) return [];
    return [
      `${asText}, and ${file} still has the old one: move it there, and name the file as ${fileKeyOf(key)} again.`,
    ];
  });
}
