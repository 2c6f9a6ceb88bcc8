// Owns remembering what the same configuration came to before: it is asked for with every message, and changes with a restart.
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { ENVIRONMENT_VARIABLES } from "./environment.ts";
import { CHANNEL_ID } from "./types.ts";

/** Whoever asks for accounts that do not exist must not fill the memory. */
const MAX_KEPT = 1_000;

/** Every key that names one ends so: `appTokenFile`, `connection.caFile`. */
const NAMES_A_FILE = /File":/;

/**
 * Gives what `make` came to for the same account, as long as configuration and environment say the same. Their
 * text is compared and not the object, which somebody may have changed in place. What depends on a file is made
 * each time.
 */
export function remembering<T>(
  make: (cfg: OpenClawConfig, id: string) => T,
): (cfg: OpenClawConfig, id: string) => T {
  const kept = new Map<string, T>();
  let basis = "";
  return (cfg, id) => {
    const text = JSON.stringify(basisOf(cfg));
    if (NAMES_A_FILE.test(text)) return make(cfg, id);
    // One text for all accounts: each of many would otherwise hold the whole configuration.
    if (text !== basis || kept.size >= MAX_KEPT) kept.clear();
    basis = text;
    const known = kept.get(id);
    if (known !== undefined) return known;
    const made = make(cfg, id);
    kept.set(id, made);
    return made;
  };
}

/** All that an account is made of. */
function basisOf(cfg: OpenClawConfig): readonly unknown[] {
  const variables = Object.values(ENVIRONMENT_VARIABLES).map((name) => process.env[name]);
  return [cfg.channels?.[CHANNEL_ID], cfg.agents?.defaults?.mediaMaxMb, variables];
}
