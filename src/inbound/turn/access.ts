// Owns whether a message may reach the agent: asks the host's ingress resolver with the identity the server asserts.
import { resolveStableChannelMessageIngress } from "openclaw/plugin-sdk/channel-ingress-runtime";
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { CHANNEL_ID, type ResolvedAccount } from "../../config/types.ts";
import { allowedSender, senderId } from "../../config/sender-id.ts";
import { mayRun } from "./rights.ts";

export interface AccessQuestion {
  readonly cfg: OpenClawConfig;
  readonly account: ResolvedAccount;
  readonly appId: number;
  readonly peerId: string;
  readonly readPaired: () => Promise<readonly string[]>;
  /** The message is a text command, and asks to be carried out as one. */
  readonly isCommand: boolean;
  /** The command answers an approval request, which is a right of its own. Default: false. */
  readonly isApproval?: boolean;
  /** The turn that an admitted message will enter; left out to ask for the decision alone. */
  readonly turn?: {
    readonly agentId: string;
    readonly sessionKey: string;
    readonly messageId: string;
  };
}

export type AccessVerdict = Awaited<ReturnType<typeof resolveStableChannelMessageIngress>>;

/**
 * The host's verdict. The identity is the application within its account and nothing else: title, name
 * and extras are written by the sender, so they are not even shown to the resolver.
 */
export function resolveAccess(question: AccessQuestion): Promise<AccessVerdict> {
  const { account, turn, isApproval = false } = question;
  return resolveStableChannelMessageIngress({
    channelId: CHANNEL_ID,
    accountId: account.accountId,
    cfg: question.cfg,
    identity: {
      key: "gotify-application",
      normalize: (value) => allowedSender(account, value),
      authentication: "verified",
      sensitivity: "normal",
      entryIdPrefix: "gotify-entry",
    },
    subject: { stableId: senderId(account.accountId, question.appId) },
    conversation: { kind: "direct", id: question.peerId },
    dmPolicy: account.dmPolicy,
    allowFrom: [...account.allowFrom],
    readStoreAllowFrom: question.readPaired,
    // Talking is neither commanding nor approving: each is a right that the operator gives by name.
    command: question.isCommand
      ? {
          allowTextCommands: true,
          hasControlCommand: true,
          commandOwnerAllowFrom: mayRun(question.cfg, account, question.appId, isApproval)
            ? [senderId(account.accountId, question.appId)]
            : [],
        }
      : false,
    ...(turn === undefined
      ? {}
      : { contextBinding: { ...turn, inboundEventKind: "user_request" as const } }),
  });
}
