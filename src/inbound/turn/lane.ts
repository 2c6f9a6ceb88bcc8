// Owns what is handled one after the other: the lane of a message, and which messages are commands with a lane of their own.
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { resolveAccount } from "../../config/accounts.ts";
import { applicationPeer, peerOf, type Peer } from "../../config/peer.ts";
import { CHANNEL_ID } from "../../config/types.ts";
import type { GotifyMessage } from "../../gotify/message.ts";
import { isApproval, mayRun } from "./rights.ts";

/** No name of a conversation holds these characters, so no sender can write a message into such a lane. */
const CONTROL = "!";
const RETRY = "~";

/** From this many failures on, a message is tried in a lane of its own, and its neighbours go on without it. */
const FAILURES_BEFORE_OWN_LANE = 3;

/** Longer texts are no command; the host's parser need not look at them. */
const MAX_COMMAND_CHARS = 4_096;

/**
 * The lane. The application is always part of it: a stranger who names somebody else's conversation must
 * not be able to hold it up. The conversation is the one the message will really enter: a name that is not
 * heeded must not part what belongs together. Commands have one of their own, so that `/stop` reaches what it shall stop.
 */
export function laneOf(
  message: GotifyMessage,
  isCommand: boolean,
  conversation: Peer = peerOf(message),
): string {
  const application = applicationPeer(message).id;
  if (isCommand) return `${application}/${CONTROL}`;
  return conversation.id === application ? application : `${application}/${conversation.id}`;
}

/** The application whose lane it is. */
export function applicationOfLane(lane: string): string {
  return lane.slice(0, Math.max(0, lane.indexOf("/"))) || lane;
}

/** True for the lane of an application's commands. */
export function isControlLane(lane: string): boolean {
  return lane.endsWith(`/${CONTROL}`);
}

/** Where a row belongs now: in its lane, until it has failed so often that it would only hold the others up. */
export function currentLane(row: { id: string; laneKey?: string; attempts: number }): string {
  const lane = row.laneKey ?? row.id;
  const isInPlace = row.attempts < FAILURES_BEFORE_OWN_LANE || apartLane(row) !== undefined;
  return isInPlace ? lane : `${lane}/${RETRY}${row.id}`;
}

/** The lane a row has to itself, where it was given one. */
export function apartLane(row: { laneKey?: string }): string | undefined {
  return row.laneKey?.includes(`/${RETRY}`) === true ? row.laneKey : undefined;
}

export type LaneOf = (message: GotifyMessage, isCommand: boolean) => string;
export type CommandTest = (message: GotifyMessage) => boolean;

/** What of the host's runtime tells commands from text. */
export interface CommandParser {
  isControlCommandMessage(text: string, cfg: OpenClawConfig): boolean;
  shouldHandleTextCommands(params: {
    cfg: OpenClawConfig;
    surface: string;
    commandSource: "text";
  }): boolean;
}

/**
 * Tells commands from everything else: only what the host's own parser takes for one, and only from an
 * application that the operator gave the right to it. The configuration is read for each message.
 */
export function createCommandTest(options: {
  readonly commands: CommandParser;
  readonly accountId: string;
  readonly currentConfig: () => OpenClawConfig;
}): CommandTest {
  const { commands, accountId } = options;
  return (message) => {
    const text = message.message.trim();
    if (text === "" || text.length > MAX_COMMAND_CHARS) return false;
    const cfg = options.currentConfig();
    return (
      mayRun(cfg, resolveAccount(cfg, accountId), message.appId, isApproval(text)) &&
      commands.shouldHandleTextCommands({ cfg, surface: CHANNEL_ID, commandSource: "text" }) &&
      commands.isControlCommandMessage(text, cfg)
    );
  };
}
