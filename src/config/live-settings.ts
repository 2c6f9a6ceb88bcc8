// Owns which settings are read anew for each message, so that the host restarts nothing when they change.
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

/** For `reload.noopPrefixes`; a `*` stands for one key. An account that comes or goes restarts as ever. */
export const LIVE_PREFIXES: string[] = [
  ...POLICY_KEYS.map((key) => `channels.${CHANNEL_ID}.${key}`),
  ...POLICY_KEYS.map((key) => `channels.${CHANNEL_ID}.accounts.*.${key}`),
  // What all channels share: the host would restart each of them, and a first approved pairing writes the owner.
  "commands",
  "accessGroups",
  "messages.inbound",
];
