// Owns remembering what the same configuration came to before: it is asked for with every message, and changes with a restart.
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { ENVIRONMENT_VARIABLES } from "./environment.ts";
import { CHANNEL_ID } from "./types.ts";

/** An installation has a handful of accounts; a configuration that changes makes them all anew. */
const MAX_KEPT = 32;

/** Every key that names one ends so: `appTokenFile`, `connection.caFile`. */
const NAMES_A_FILE = /File":/;

/**
 * Gives what `make` came to for the same text, account and environment. The text is compared and not the
 * object, which somebody may have changed in place. What depends on a file is made each time.
 */
export function remembering<T>(
  make: (cfg: OpenClawConfig, id: string) => T,
): (cfg: OpenClawConfig, id: string) => T {
  const kept = new Map<string, T>();
  return (cfg, id) => {
    const key = JSON.stringify([id, basisOf(cfg)]);
    if (NAMES_A_FILE.test(key)) return make(cfg, id);
    const known = kept.get(key);
    if (known !== undefined) return known;
    const made = make(cfg, id);
    if (kept.size >= MAX_KEPT) kept.clear();
    kept.set(key, made);
    return made;
  };
}

/** All that an account is made of. */
function basisOf(cfg: OpenClawConfig): readonly unknown[] {
  const variables = Object.values(ENVIRONMENT_VARIABLES).map((name) => process.env[name]);
  return [cfg.channels?.[CHANNEL_ID], cfg.agents?.defaults?.mediaMaxMb, variables];
}
