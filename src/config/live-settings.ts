// Owns which settings are read anew for each message, so that the host restarts nothing when they change.
import { isOlder, parseHostVersion, type HostVersion } from "./host-version.ts";
import { tryGetRuntime } from "./runtime.ts";
import { CHANNEL_ID } from "./types.ts";

/** Who may talk, command, approve and name conversations. Whatever an account holds on to must not be here. */
const POLICY_KEYS = [
  "dmPolicy",
  "allowFrom",
  "commandsFrom",
  "approvers",
  "pairing",
  "botLoopProtection",
  "inbound.ignore",
  "inbound.peerIdFrom",
] as const;

/** A `*` stands for one key. An account that comes or goes restarts as ever. */
const OWN_PREFIXES: readonly string[] = [
  ...POLICY_KEYS.map((key) => `channels.${CHANNEL_ID}.${key}`),
  ...POLICY_KEYS.map((key) => `channels.${CHANNEL_ID}.accounts.*.${key}`),
];

/** What all channels share. The first pairing that is approved writes the owner below `commands`. */
const SHARED_PREFIXES: readonly string[] = ["commands", "accessGroups", "messages.inbound"];

/** The first one tested where such a word holds for the channel that says it; before, it spared all channels the restart. */
const SHARED_SINCE: HostVersion = [2026, 9, 6];

/** The host's `reload` of the channel. It is read when the plugin is registered, and so knows the host. */
export const reload = {
  configPrefixes: [`channels.${CHANNEL_ID}`],
  // An account that is changed restarts alone: when its stop returns, nothing of it is left.
  accountScopedRestart: true,
  get noopPrefixes(): string[] {
    return livePrefixes(tryGetRuntime()?.version);
  },
};

export function livePrefixes(hostVersion: string | undefined): string[] {
  const host = parseHostVersion(hostVersion);
  const isShared = host !== undefined && !isOlder(host, SHARED_SINCE);
  return isShared ? [...OWN_PREFIXES, ...SHARED_PREFIXES] : [...OWN_PREFIXES];
}
