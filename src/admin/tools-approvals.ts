// Owns which calls of a tool a person has approved: each counts once, soon, and for exactly what the person read.
import { createPluginRuntimeStore } from "openclaw/plugin-sdk/runtime-store";

const SECOND_MS = 1_000;
/** The host carries a call out as soon as it is approved. */
const KEEP_MS = 60 * SECOND_MS;

export interface Approvals {
  /** @param fingerprint of what was shown and approved. */
  readonly grant: (callId: string, fingerprint: string) => void;
  /** Whether the call was approved as it stands; it is not after this. */
  readonly take: (callId: string, fingerprint: string) => boolean;
}

/**
 * The host does not carry out a call that was denied. This is for the day on which it does not ask: then
 * nothing was granted, and the tool refuses.
 *
 * @param now milliseconds since 1970.
 */
export function createApprovals(now: () => number): Approvals {
  const granted = new Map<string, { readonly fingerprint: string; readonly at: number }>();
  return {
    grant(callId, fingerprint) {
      for (const [id, { at }] of granted) if (now() - at >= KEEP_MS) granted.delete(id);
      granted.set(callId, { fingerprint, at: now() });
    },
    take(callId, fingerprint) {
      const grant = granted.get(callId);
      granted.delete(callId);
      return grant?.fingerprint === fingerprint && now() - grant.at < KEEP_MS;
    },
  };
}

const shared = createPluginRuntimeStore<Approvals>({
  key: "gotify:tool-approvals",
  errorMessage: "No Gotify tool is registered with OpenClaw in this process.",
});

/**
 * For the hook and the tools of this process. The first supported host takes them from two registrations
 * of the plugin: what the hook of one is told has to be known to the tool of the other.
 */
export function sharedApprovals(): Approvals {
  const known = shared.tryGetRuntime();
  if (known !== null) return known;
  const approvals = createApprovals(Date.now);
  shared.setRuntime(approvals);
  return approvals;
}
