// Owns a presentation as Markdown: blocks as paragraphs, tables as tables, buttons as links or as lines to send back.
import {
  normalizeMessagePresentation,
  renderMessagePresentationChartFallbackText,
  resolveMessagePresentationButtonAction,
  resolveMessagePresentationOptionAction,
  type MessagePresentation,
  type MessagePresentationBlock,
  type MessagePresentationButton,
  type MessagePresentationTableBlock,
} from "openclaw/plugin-sdk/interactive-runtime";
import type { ReplyPayload } from "openclaw/plugin-sdk/reply-payload";

/** What a person sees of a reply, files aside. */
export interface VisibleText {
  readonly text: string;
  /** True when part of it was written here, in Markdown. */
  readonly isMarkdown: boolean;
  /** The first link button that leads to the web. */
  readonly firstUrl: string | undefined;
  readonly asksForApproval: boolean;
}

/** A control in words: what it is called, and what a person can do in its place. */
interface Control {
  readonly line: string;
  readonly url?: string | undefined;
  /** To be sent back. */
  readonly command?: string | undefined;
}

const APPROVE = /^\/?approve\s/i;

/** The text of a payload, and below it what the payload presents beside it. */
export function visibleText(
  payload: Pick<ReplyPayload, "text" | "presentation" | "interactive" | "location">,
): VisibleText {
  const text = [payload.text ?? "", locationText(payload.location)]
    .filter((part) => part.trim() !== "")
    .join("\n\n");
  // The older form is a subset of the newer one, and the helpers that convert it are about to go.
  const presentations = [payload.presentation, payload.interactive]
    .map(normalizeMessagePresentation)
    .filter((presentation) => presentation !== undefined);
  let visible: VisibleText = {
    text,
    isMarkdown: false,
    firstUrl: undefined,
    asksForApproval: false,
  };
  for (const presentation of presentations) visible = withPresentation(visible, presentation);
  return visible;
}

function withPresentation(visible: VisibleText, presentation: MessagePresentation): VisibleText {
  const controls = presentation.blocks.flatMap(controlsOf);
  const commands = controls.flatMap(({ command }) => command ?? []);
  const paragraphs = presentation.blocks.flatMap((block, index, blocks) => {
    // A line that divides nothing is noise.
    const isAtEdge = index === 0 || index === blocks.length - 1;
    if (block.type === "divider") return isAtEdge ? [] : ["---"];
    return paragraphsOf(block, visible.text);
  });
  const title = headingOf(presentation.title, visible.text);
  const added = [...title, ...paragraphs].filter((paragraph) => paragraph.trim() !== "");
  return {
    text: [visible.text, ...added].filter((part) => part !== "").join("\n\n"),
    isMarkdown: visible.isMarkdown || added.length > 0,
    firstUrl: visible.firstUrl ?? controls.find(({ url }) => url !== undefined)?.url,
    asksForApproval: visible.asksForApproval || commands.some((command) => APPROVE.test(command)),
  };
}

function headingOf(title: string | undefined, text: string): readonly string[] {
  const line = oneLine(title ?? "");
  const firstLine = text.trimStart().split(/[\r\n]/, 1)[0] ?? "";
  const isThere = firstLine.replace(/^#+\s+|[*_]/g, "").trim() === line;
  return line === "" || isThere ? [] : [`## ${line}`];
}

function paragraphsOf(block: MessagePresentationBlock, text: string): readonly string[] {
  switch (block.type) {
    case "text":
    case "context":
      return [block.text];
    case "table":
      return [tableText(block)];
    case "chart":
      return [renderMessagePresentationChartFallbackText(block)];
    case "buttons":
      return controlsText(block, "", text);
    case "select":
      return controlsText(block, oneLine(block.placeholder ?? "Options").replace(/:$/, ""), text);
    case "divider":
      return [];
  }
}

function tableText({ caption, headers, rows }: MessagePresentationTableBlock): string {
  const cells = (row: readonly (string | number)[]): string =>
    `| ${row.map((cell) => oneLine(String(cell)).replaceAll("|", String.raw`\|`)).join(" | ")} |`;
  return [
    `**${oneLine(caption)}**`,
    "",
    cells(headers),
    cells(headers.map(() => "---")),
    ...rows.map(cells),
  ].join("\n");
}

function controlsText(
  block: MessagePresentationBlock,
  heading: string,
  text: string,
): readonly string[] {
  const controls = controlsOf(block);
  const commands = controls.flatMap(({ command }) => command ?? []);
  // The host's own text of an approval often has the very lines already.
  const lines = new Set(text.split(/[\r\n]+/).map((line) => line.trim()));
  const isThere = commands.length > 0 && commands.every((command) => lines.has(command));
  if (controls.length === 0 || (isThere && commands.length === controls.length)) return [];
  const toSend =
    commands.length === 0
      ? undefined
      : commands.length === 1
        ? "To choose it, send this back:"
        : "To choose, send one of these back:";
  const list = controls.map(({ line }) => `- ${line}`).join("\n");
  const intro = [heading === "" ? undefined : `${heading}:`, toSend].filter(
    (line) => line !== undefined,
  );
  return intro.length === 0 ? [list] : [`${intro.join(" ")}\n\n${list}`];
}

function controlsOf(block: MessagePresentationBlock): readonly Control[] {
  if (block.type === "buttons") return block.buttons.map(buttonControl);
  if (block.type !== "select") return [];
  return block.options.map((option) => {
    const action = resolveMessagePresentationOptionAction(option);
    return action?.type === "command"
      ? commandControl(option.label, action.command)
      : { line: plainText(option.label) };
  });
}

function buttonControl(button: MessagePresentationButton): Control {
  const action = resolveMessagePresentationButtonAction(button);
  // What a callback holds means nothing to a person, and may not be meant for one.
  if (button.disabled === true || action === undefined) return { line: plainText(button.label) };
  switch (action.type) {
    case "command":
      return commandControl(button.label, action.command);
    case "approval":
      return commandControl(button.label, `/approve ${action.approvalId} ${action.decision}`);
    case "url":
    case "web-app":
      return action.url === undefined
        ? { line: plainText(button.label) }
        : linkControl(button.label, action.url);
    case "callback":
    case "question":
      return { line: plainText(button.label) };
  }
}

function commandControl(label: string, command: string): Control {
  const line = oneLine(command);
  return { line: `${plainText(label)}: ${inlineCode(line)}`, command: line };
}

function linkControl(label: string, target: string): Control {
  const url = URL.parse(target.trim());
  if (url === null || !/^https?:$/.test(url.protocol)) {
    return { line: `${plainText(label)}: ${inlineCode(oneLine(target))}` };
  }
  // Brackets would end the link early.
  const address = url.href.replaceAll("(", "%28").replaceAll(")", "%29");
  return { line: `[${plainText(label)}](${address})`, url: url.href };
}

function locationText(location: ReplyPayload["location"]): string {
  if (location === undefined) return "";
  const { name, address, latitude, longitude } = location;
  const place = [name, address].filter((part) => (part ?? "").trim() !== "").join(", ");
  const point = `${latitude}, ${longitude}`;
  return `Location: ${place === "" ? point : `${place} (${point})`}`;
}

function inlineCode(text: string): string {
  const longest = Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  return longest === 0 ? `\`${text}\`` : `${fence} ${text} ${fence}`;
}

/** The text as it is, in Markdown. */
function plainText(text: string): string {
  return oneLine(text).replace(/[\\`*_[\]<>]/g, String.raw`\$&`);
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}
