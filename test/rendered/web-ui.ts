// Owns what Gotify's web UI makes of a message: the same Markdown components, and the styles that matter for reading.
import { createElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import Markdown from "react-markdown";
import gfm from "remark-gfm";
import type { RenderedText } from "../../src/outbound/render/index.ts";

/** HTML of the body of one message. */
export function webUiHtml({ message, contentType }: RenderedText): string {
  if (contentType === "text/plain") {
    return renderToStaticMarkup(createElement("span", { className: "content plain" }, message));
  }
  const markdown = createElement(Markdown, { remarkPlugins: [gfm], children: message });
  return renderToStaticMarkup(createElement("span", { className: "content markdown" }, markdown));
}

/** A page with messages as the web UI lays them out: cards as wide as the window. */
export function webUiPage(messages: readonly string[]): string {
  const cards = messages.map((html) => `<article>${html}</article>`).join("\n");
  return `<!doctype html><meta charset="utf-8"><style>${STYLES}</style>${cards}`;
}

/** What of its styles decides how a text reads: no gap between paragraphs, words broken anywhere, code that scrolls. */
const STYLES = `
  body { margin: 8px; background: #f0f0f0; font: 16px/1.5 Roboto, Helvetica, Arial, sans-serif }
  article { margin-bottom: 8px; padding: 12px; border-left: 6px solid #e67e22; background: #fff }
  .content { display: block; word-break: break-all }
  .plain { white-space: pre-wrap }
  .content p { margin: 0; word-break: break-word }
  .content a { color: #ff7f50 }
  .content pre { overflow: auto; padding: 8px; border-radius: 4px; background: #f2f2f2 }
  .content img { max-width: 100% }
`;

/** What a reader sees of that HTML, a line break where one is shown. */
export function shownText(html: string): string {
  return html
    .replaceAll("\n", "")
    .replace(/<br\/?>|<\/(?:p|li|h\d|pre|blockquote)>/g, "\n")
    .replace(/<[^>]+>/g, "")
    .replace(/&(amp|lt|gt|quot|#x27);/g, (_, name: string) => ENTITIES[name] ?? "")
    .replace(/^\n+|\n+$/g, "");
}

const ENTITIES: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  "#x27": "'",
};
