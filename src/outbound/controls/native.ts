// Owns the form in which controls and the answered turn travel through the host's queue (`channelData.gotify`), and reading a reply from it.
import type { ReplyPayload } from "openclaw/plugin-sdk/reply-payload";
import { readPriority } from "../../config/priority.ts";
import { CHANNEL_ID } from "../../config/types.ts";
import { asId, asObject, asString, compact, type JsonObject } from "../../gotify/parse.ts";
import { visibleText } from "./presentation-text.ts";
import type { AnsweredTurn, NativeControls, Reply, ReplyKind } from "../reply.ts";

/**
 * What is known of a reply beside the host's own fields. Everything in it can have been written by an
 * agent, whose message tool hands `channelData` on as it is: so it says nothing about who may do what.
 */
export interface StoredReply {
  readonly native: NativeControls;
  readonly answers: AnsweredTurn;
  /** Left out: told by the payload. */
  readonly kind?: ReplyKind | undefined;
  /** True for a message that somebody asked to be sent as it is: a file that cannot be sent fails it. */
  readonly isExplicit?: boolean | undefined;
}

/** Reads the controls of a value of unknown shape. What cannot be read counts as not written, field by field. */
export function parseNative(value: unknown): NativeControls {
  const fields = asObject(value);
  return compact({
    title: textOf(fields?.["title"]),
    priority: readPriority(fields?.["priority"]),
    clickUrl: textOf(fields?.["clickUrl"]),
    bigImageUrl: textOf(fields?.["bigImageUrl"]),
    contentType: readContentType(fields?.["contentType"]),
    intentUrl: textOf(fields?.["intentUrl"]),
    extras: readExtras(fields?.["extras"]),
  });
}

/** `text/markdown` and `text/plain`, also without `text/`. */
export function readContentType(value: unknown): NativeControls["contentType"] {
  const name = asString(value)
    ?.trim()
    .toLowerCase()
    .replace(/^text\//, "");
  if (name === "markdown") return "text/markdown";
  return name === "plain" ? "text/plain" : undefined;
}

/** What `channelData` says about a reply of this channel. */
export function readStored(channelData: unknown): StoredReply {
  const stored = asObject(asObject(channelData)?.[CHANNEL_ID]);
  return {
    native: parseNative(stored),
    answers: parseAnswers(stored?.["answers"]),
    kind: readKind(stored?.["kind"]),
    isExplicit: stored?.["isExplicit"] === true ? true : undefined,
  };
}

/** The payload with more said about it. What it said before stays, where it is not said anew. */
export function withChannelData(
  payload: ReplyPayload,
  { native, answers, kind, isExplicit }: Partial<StoredReply>,
): ReplyPayload {
  const before = readStored(payload.channelData);
  const turn = compact({ ...before.answers, ...compact(answers ?? {}) });
  const stored = compact({
    ...before.native,
    ...compact(native ?? {}),
    kind: kind ?? before.kind,
    isExplicit: isExplicit === true || before.isExplicit === true ? true : undefined,
    answers: Object.keys(turn).length === 0 ? undefined : turn,
  });
  return { ...payload, channelData: { ...payload.channelData, [CHANNEL_ID]: stored } };
}

/** A reply as the host hands it over, by an agent: no payload can prove that an operator wrote it. */
export function replyOf(payload: ReplyPayload, { silent }: { silent: boolean }): Reply {
  const { native, answers, kind, isExplicit } = readStored(payload.channelData);
  const visible = visibleText(payload);
  const mediaUrls = [payload.mediaUrl, ...(payload.mediaUrls ?? [])]
    .map(textOf)
    .filter((url) => url !== undefined);
  return {
    text: visible.text,
    mediaUrls: [...new Set(mediaUrls)],
    kind: kind ?? kindOf(payload, visible.asksForApproval),
    silent,
    native: { ...native, clickUrl: native.clickUrl ?? visible.firstUrl },
    answers,
    isExplicit: isExplicit === true,
    by: "agent",
  };
}

function kindOf(payload: ReplyPayload, asksForApproval: boolean): ReplyKind {
  if (payload.isError === true) return "error";
  const approval = asObject(payload.channelData?.["execApproval"]);
  const isPending = approval !== undefined && approval["state"] !== "resolved";
  return asksForApproval || isPending ? "approval" : "answer";
}

function parseAnswers(value: unknown): AnsweredTurn {
  const fields = asObject(value);
  return compact({
    agentId: textOf(fields?.["agentId"]),
    agentName: textOf(fields?.["agentName"]),
    messageId: asId(fields?.["messageId"]),
    appId: asId(fields?.["appId"]),
    appName: textOf(fields?.["appName"]),
  });
}

function readKind(value: unknown): ReplyKind | undefined {
  return value === "answer" || value === "error" || value === "approval" ? value : undefined;
}

function textOf(value: unknown): string | undefined {
  return asString(value)?.trim() || undefined;
}

/** Only what survives as JSON: the queue and Gotify keep nothing else. */
function readExtras(value: unknown): JsonObject | undefined {
  if (asObject(value) === undefined) return undefined;
  try {
    return asObject(JSON.parse(JSON.stringify(value)));
  } catch {
    return undefined;
  }
}
