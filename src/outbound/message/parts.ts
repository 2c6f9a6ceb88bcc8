// Owns making a reply's messages: text, files, title, priority and extras, in order, complete but for their stamps.
import { applicationOf } from "../../config/sender-id.ts";
import type { ResolvedAccount } from "../../config/types.ts";
import type { JsonObject } from "../../gotify/parse.ts";
import { guardMarkdown, takeInlineImages } from "./agent-markdown.ts";
import { MAX_BLOCK_BYTES, type PreparedMedia } from "../media/media.ts";
import { allowedControls } from "../controls/policy.ts";
import { HARD_LIMIT_BYTES, renderText, type RenderedText } from "../render/index.ts";
import type { NativeControls, Part, Reply } from "../reply.ts";
import { chooseTitle, numberedTitle } from "./title.ts";

export interface PartsInput {
  readonly reply: Reply;
  readonly account: ResolvedAccount;
  /** The conversation it belongs to. */
  readonly peerId: string;
  readonly media: PreparedMedia;
}

const BETWEEN_BLOCKS = "\n\n";
const TOO_LARGE = "(a file that is too large for a message)";

/**
 * The same input makes the same messages, also after a crash: what is missing of them is found by number.
 * `[]` when there is nothing to be seen.
 */
export function assembleParts(input: PartsInput): readonly Part[] {
  const { reply, account, peerId, media } = input;
  const { controls, links } = allowedControls(reply.native, { by: reply.by, account });
  const isPlain = controls.contentType === "text/plain";
  const { text, images } = isPlain
    ? { text: reply.text, images: [] }
    : checkedText(reply, account.outbound.fromAgents.imageHosts);
  const blocks = [
    ...media.blocks,
    ...images,
    ...links.filter((url) => !text.includes(url)).map((url) => `<${url}>`),
  ].map((block) => (Buffer.byteLength(block) > HARD_LIMIT_BYTES ? TOO_LARGE : block));
  const titled = chooseTitle({
    asked: controls.title,
    account,
    answers: reply.answers,
    text,
    mayTakeHeading: !isPlain,
  });
  const messages = messagesOf(titled.text, blocks, controls, input);
  const bigImageUrl = controls.bigImageUrl ?? media.bigImageUrl;
  const firstPriority = priorityOf(reply, controls, account, peerId);
  const own = ownExtras(reply, peerId);
  return messages.map((rendered, index) => ({
    message: rendered.message,
    title:
      messages.length === 1
        ? titled.title
        : numberedTitle(titled.title, index + 1, messages.length),
    priority:
      index === 0 ? firstPriority : Math.min(firstPriority, account.outbound.priorities.quiet),
    extras: {
      ...(index === 0 ? firstExtras({ ...controls, bigImageUrl }) : {}),
      "client::display": { contentType: rendered.contentType },
      openclaw: own,
    },
  }));
}

function checkedText(reply: Reply, imageHosts: readonly string[]) {
  const taken = takeInlineImages(reply.text);
  return reply.by === "operator"
    ? taken
    : { text: guardMarkdown(taken.text, imageHosts), images: taken.images };
}

function messagesOf(
  text: string,
  blocks: readonly string[],
  controls: NativeControls,
  { reply, account }: PartsInput,
): readonly RenderedText[] {
  const { tableMode, maxChars, chunkMode } = account.common;
  const limits = { maxBytes: account.outbound.partBytes, maxChars, chunkMode };
  const render = (contentType: NativeControls["contentType"]): readonly RenderedText[] =>
    renderText(text, { ...limits, contentType, tableMode })
      .map((part) => checkedPart(part, reply, account))
      .filter(({ message }) => message.trim() !== "");
  const shown = blocks.filter((block) => block.trim() !== "");
  if (shown.length === 0) return render(controls.contentType);
  const isPlain = controls.contentType === "text/plain";
  // A file below a text makes it Markdown, which has to be written as such from the start.
  const parts = render(isPlain ? "text/plain" : "text/markdown");
  const [only] = parts;
  if (parts.length <= 1 && !(isPlain && only !== undefined)) {
    const message = [only?.message ?? "", ...shown]
      .filter((part) => part !== "")
      .join(BETWEEN_BLOCKS);
    if (weightOf(only?.message ?? "", shown) <= HARD_LIMIT_BYTES) {
      return [{ message, contentType: "text/markdown" }];
    }
  }
  return [
    ...parts,
    ...shown.map((message): RenderedText => ({ message, contentType: "text/markdown" })),
  ];
}

/**
 * What text and files may come to. A file on this machine counts with the most that it can have: it may be
 * gone or other bytes at the next try, and that must not change of how many messages the reply is.
 */
function weightOf(text: string, blocks: readonly string[]): number {
  const weights = blocks.map((block) =>
    block.includes("](data:") || block.startsWith("_(")
      ? Math.max(MAX_BLOCK_BYTES, Buffer.byteLength(block))
      : Buffer.byteLength(block),
  );
  return weights.reduce(
    (sum, weight) => sum + BETWEEN_BLOCKS.length + weight,
    Buffer.byteLength(text),
  );
}

/** Once more, part by part: where a text was split, what was code in the whole may be none any more. */
function checkedPart(part: RenderedText, reply: Reply, account: ResolvedAccount): RenderedText {
  if (reply.by === "operator" || part.contentType === "text/plain") return part;
  const message = guardMarkdown(part.message, account.outbound.fromAgents.imageHosts);
  return { ...part, message };
}

/** What the message says of itself, or what it is, or whom it answers, or the account; never louder than silent. */
function priorityOf(
  reply: Reply,
  controls: NativeControls,
  account: ResolvedAccount,
  peerId: string,
): number {
  const { priorities, applicationPriorities } = account.outbound;
  const appId = reply.answers.appId ?? applicationOf(peerId);
  const ofApplication = appId === undefined ? undefined : applicationPriorities.get(appId);
  const ofKind = {
    answer: ofApplication ?? account.defaultPriority,
    error: priorities.error,
    approval: priorities.approval,
  }[reply.kind];
  const priority = controls.priority ?? ofKind;
  return reply.silent ? Math.min(priority, priorities.quiet) : priority;
}

/** What a tap or an arrival does happens once, with the part that is heard. */
function firstExtras(controls: NativeControls): JsonObject {
  const { clickUrl, bigImageUrl, intentUrl, extras } = controls;
  const notification = {
    ...(clickUrl === undefined ? {} : { click: { url: clickUrl } }),
    ...(bigImageUrl === undefined ? {} : { bigImageUrl }),
  };
  return {
    ...extras,
    ...(Object.keys(notification).length === 0 ? {} : { "client::notification": notification }),
    ...(intentUrl === undefined ? {} : { "android::action": { onReceive: { intentUrl } } }),
  };
}

/** For other tools that read along. Ids as text, because Gotify rounds large numbers. */
function ownExtras({ answers }: Reply, peerId: string): JsonObject {
  return {
    peerId,
    ...(answers.agentId === undefined ? {} : { agent: answers.agentId }),
    ...(answers.messageId === undefined ? {} : { answers: String(answers.messageId) }),
  };
}
