// Owns the shape of `channels.gotify`: what the operator may write, and what an account looks like once it is resolved.

import type { ConnectionConfig, ResolvedConnection } from "./connection.ts";
import type { CommonConfig, ResolvedCommon } from "./common-config.ts";
import type { OutboundConfig, PriorityValue, ResolvedOutbound } from "./outbound-config.ts";

/** The channel's and the plugin's id. */
export const CHANNEL_ID = "gotify";

export type DmPolicy = "pairing" | "allowlist" | "open" | "disabled";

/** `inbound`: the stream that messages come in by. */
export interface InboundConfig {
  enabled?: boolean | undefined;
  reconnectDelayMs?: number | undefined;
  maxReconnectDelayMs?: number | undefined;
  maxReconnectAttempts?: number | undefined;
  catchUp?: CatchUpConfig | undefined;
  applications?: (string | number)[] | undefined;
  afterHandled?: "keep" | "delete" | undefined;
  minPriority?: number | undefined;
  imageHosts?: string[] | undefined;
  ignore?: (string | number)[] | undefined;
  peerIdFrom?: (string | number)[] | undefined;
}

/** `pairing`: how unknown applications are let in. */
export interface PairingConfig {
  replies?: boolean | undefined;
}

/** `tools`: what agents may do besides the message tool. */
export interface ToolsConfig {
  enabled?: boolean | undefined;
}

/** `inbound.catchUp`: what was posted while no stream was open. */
export interface CatchUpConfig {
  firstStart?: "none" | number | undefined;
  maxMessages?: number | undefined;
  maxAgeMinutes?: number | undefined;
}

/** `botLoopProtection`: the host's own keys, for messages of another OpenClaw. */
export interface BotLoopConfig {
  enabled?: boolean | undefined;
  maxEventsPerWindow?: number | undefined;
  windowSeconds?: number | undefined;
  cooldownSeconds?: number | undefined;
}

/** A secret as the operator writes it: the text itself, or where the host finds it. */
export type SecretInput =
  | string
  | { source: "env" | "store" | "file" | "exec"; provider: string; id: string };

/** What an account may say; the same keys at the root are inherited by every account. */
export interface AccountConfig extends OutboundConfig, CommonConfig {
  enabled?: boolean | undefined;
  name?: string | undefined;
  serverUrl?: string | undefined;
  appToken?: SecretInput | undefined;
  /** A file that holds the token; `appToken` wins. */
  appTokenFile?: string | undefined;
  clientToken?: SecretInput | undefined;
  clientTokenFile?: string | undefined;
  connection?: ConnectionConfig | undefined;
  defaultPriority?: PriorityValue | undefined;
  dmPolicy?: DmPolicy | undefined;
  allowFrom?: (string | number)[] | undefined;
  commandsFrom?: (string | number)[] | undefined;
  approvers?: (string | number)[] | undefined;
  pairing?: PairingConfig | undefined;
  botLoopProtection?: BotLoopConfig | undefined;
  tools?: ToolsConfig | undefined;
  inbound?: InboundConfig | undefined;
}

/** All of `channels.gotify`. */
export interface ChannelConfig extends AccountConfig {
  defaultAccount?: string | undefined;
  /** What a monitor has to show at `/gotify/health`. */
  healthToken?: SecretInput | undefined;
  accounts?: Record<string, AccountConfig> | undefined;
}

/** An account with inheritance and defaults applied. Whether it can work is told by `problem`. */
export interface ResolvedAccount {
  readonly accountId: string;
  readonly name: string | undefined;
  readonly enabled: boolean;
  /** True when the configuration says all that is needed to send. */
  readonly configured: boolean;
  /** Why it cannot work here, in one line that says what to do; absent when it can. */
  readonly problem: string | undefined;
  /** True while an earlier account receives the same messages, as the configuration alone tells. It ends with a change of either. */
  readonly standsBack: boolean;
  /** The checked address, without anything secret in it; absent when there is none or it is unusable. */
  readonly serverUrl: string | undefined;
  readonly appToken: string | undefined;
  readonly clientToken: string | undefined;
  readonly tokenStatus: CredentialStatus;
  readonly appTokenStatus: CredentialStatus;
  readonly appTokenSource: CredentialSource;
  readonly connection: ResolvedConnection;
  readonly defaultPriority: number;
  readonly dmPolicy: DmPolicy;
  readonly allowFrom: readonly string[];
  /** False where `allowFrom` comes from another server: ids in its access groups mean nothing here. */
  readonly ownsAllowFrom: boolean;
  /** Ids of the applications whose text commands are carried out; talking alone gives no such right. */
  readonly commandsFrom: readonly string[];
  /** Ids of the applications whose `/approve` counts, besides the host's owners. */
  readonly approvers: readonly string[];
  /** Whether an unknown application is sent a pairing code. */
  readonly pairingReplies: boolean;
  readonly botLoopProtection: BotLoopConfig;
  /** Whether an owner's agent may manage applications, clients and messages. */
  readonly agentTools: boolean;
  readonly inbound: ResolvedInbound;
  readonly outbound: ResolvedOutbound;
  /** Of the keys that every channel has, those that this one carries out. */
  readonly common: ResolvedCommon;
}

export interface ResolvedInbound {
  readonly enabled: boolean;
  readonly reconnectDelayMs: number;
  readonly maxReconnectDelayMs: number;
  /** Connection attempts in a row before the account gives up; 0 never gives up. */
  readonly maxReconnectAttempts: number;
  readonly catchUp: ResolvedCatchUp;
  /** Ids of the watched applications; `undefined` watches all. */
  readonly applications: ReadonlySet<number> | undefined;
  /** Whether a message that the agent has taken up is deleted on the server. */
  readonly deleteHandled: boolean;
  /** Messages below it are noted and not handed to the agent; `undefined` hands on all. */
  readonly minPriority: number | undefined;
  /** Hosts, in lower case, whose images may be fetched for the agent. */
  readonly imageHosts: readonly string[];
  /** Ids of the applications that are never sent a pairing code. */
  readonly ignore: readonly string[];
  /** Ids of the applications that may name a conversation; `undefined` lets every allowed one. */
  readonly peerIdFrom: readonly string[] | undefined;
}

export interface ResolvedCatchUp {
  /** How many of the stored messages a first start hands to the agent. */
  readonly firstStart: number;
  /** How many missed messages one connection catches up with. */
  readonly maxMessages: number;
  readonly maxAgeMs: number;
}

/** `configured_unavailable`: the configuration names a secret that this process could not read. */
export type CredentialStatus = "available" | "configured_unavailable" | "missing";

/** Where a token comes from: the configuration (also by a reference), its file, or the environment. */
export type CredentialSource = "config" | "file" | "env" | "none";
