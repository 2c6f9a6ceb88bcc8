// Owns the facts by which the host notices that two agents answer each other.
import type { ChannelBotLoopProtectionFacts } from "openclaw/plugin-sdk/channel-inbound";
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { senderId } from "../../config/sender-id.ts";
import { CHANNEL_ID, type ResolvedAccount } from "../../config/types.ts";
import type { GotifyMessage } from "../../gotify/message.ts";
import { isOtherAgent } from "../feed/echo.ts";

/**
 * Ten minutes where the host has one: two agents need 5 to 20 s for an answer each, and would exchange
 * their 20 messages a minute for ever.
 */
const WINDOW_SECONDS = 600;

/**
 * The facts for a message of another OpenClaw; `undefined` for every other one, because a machine that
 * posts a lot is no agent and must not be silenced as one. The pair is the application, which the server
 * asserts, and this installation: what the stamp says of its author can be made up anew for each post.
 */
export function loopFacts(options: {
  readonly cfg: OpenClawConfig;
  readonly account: ResolvedAccount;
  readonly installId: string;
  readonly conversationId: string;
  readonly message: GotifyMessage;
}): ChannelBotLoopProtectionFacts | undefined {
  const { cfg, account, installId, message } = options;
  if (!isOtherAgent(message, installId)) return undefined;
  const defaults = cfg.channels?.defaults?.botLoopProtection;
  return {
    scopeId: `${CHANNEL_ID}:${account.accountId}`,
    conversationId: options.conversationId,
    senderId: senderId(account.accountId, message.appId),
    receiverId: installId,
    eventId: String(message.id),
    defaultEnabled: true,
    config: defined(account.botLoopProtection),
    defaultsConfig: { windowSeconds: WINDOW_SECONDS, ...defined(defaults ?? {}) },
  };
}

interface LoopConfig {
  enabled?: boolean | undefined;
  maxEventsPerWindow?: number | undefined;
  windowSeconds?: number | undefined;
  cooldownSeconds?: number | undefined;
}

/** The host's type allows leaving a key out, but no explicit `undefined`. */
function defined(config: LoopConfig): NonNullable<ChannelBotLoopProtectionFacts["config"]> {
  const { enabled, maxEventsPerWindow, windowSeconds, cooldownSeconds } = config;
  return {
    ...(enabled === undefined ? {} : { enabled }),
    ...(maxEventsPerWindow === undefined ? {} : { maxEventsPerWindow }),
    ...(windowSeconds === undefined ? {} : { windowSeconds }),
    ...(cooldownSeconds === undefined ? {} : { cooldownSeconds }),
  };
}
