// Owns what the pages have in common: the frame of the document, its head line, and the way from one page to the other.
import { page, type Answer } from "./answer.ts";
import { html, trusted, type Html } from "./html.ts";
import { SCRIPT } from "./script.ts";
import { STYLE } from "./style.ts";
import { moment, type State, type Tone } from "./words.ts";

export type PageName = "status" | "doctor";

/** How a page was asked for. */
export interface PageRequest {
  /** Of this request, e.g. `/gotify/status`. */
  readonly path: string;
  readonly theme: "light" | "dark" | undefined;
}

export interface PageContent {
  readonly name: PageName;
  readonly state: State;
  readonly body: Html;
  /** When what it shows was looked at, ISO 8601. */
  readonly at: string;
  /** What else stands at its foot. */
  readonly foot?: readonly Html[];
  /** After how long it looks again by itself; default: never. */
  readonly refreshMs?: number;
  readonly status?: number;
  /** One card stands in the middle, and not alone at the edge. */
  readonly cards: number;
}

/**
 * Both pages below one path: the browser's pass for the frame is for the status route and what is below it.
 * `/gotify/doctor` is the same for programs.
 */
const PATHS: Readonly<Record<PageName, string>> = {
  status: "/gotify/status",
  doctor: "/gotify/status/doctor",
};
const TITLES: Readonly<Record<PageName, string>> = { status: "Status", doctor: "Doctor" };

/** Whole, because the browser compares what stands in them with their hash to the last blank. */
const STYLE_ELEMENT = trusted(`<style>${STYLE}</style>`);
const SCRIPT_ELEMENT = trusted(`<script>${SCRIPT}</script>`);

export function documentPage(content: PageContent, request: PageRequest): Answer {
  const { name, state, body, at, foot = [], refreshMs, status, cards } = content;
  const text = html`<!doctype html>
    <html
      lang="en"
      ${attribute("data-theme", request.theme)}${attribute("data-refresh-ms", refreshMs)}
    >
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>Gotify: ${state.word}</title>
        ${STYLE_ELEMENT}
      </head>
      <body>
        <div class="wrap ${cards <= 1 ? "one" : "many"}">
          <header class="top">
            <h1>Gotify</h1>
            ${pill(state)}
            <nav aria-label="Pages">
              ${(["status", "doctor"] as const).map((one) => link(one, name, request))}
            </nav>
          </header>
          <main>${body}</main>
          <footer class="foot">
            <span>As of <time datetime="${at}">${moment(at)}</time></span
            >${foot}
          </footer>
        </div>
        ${SCRIPT_ELEMENT}
      </body>
    </html> `;
  return page(text.html, { style: STYLE, script: SCRIPT }, status);
}

function link(to: PageName, current: PageName, request: PageRequest): Html {
  const query = request.theme === undefined ? "" : `?theme=${request.theme}`;
  const here = to === current && html` aria-current="page"`;
  return html`<a href="${relative(request.path, PATHS[to])}${query}" ${here}>${TITLES[to]}</a>`;
}

/** Relative, because a proxy may show the Gateway below a path of its own. */
function relative(from: string, to: string): string {
  const up = "../".repeat(Math.max(0, from.split("/").length - 3));
  return `${up}${to.slice("/gotify/".length)}`;
}

function attribute(name: string, value: string | number | undefined): Html | undefined {
  return value === undefined ? undefined : html` ${trusted(name)}="${value}"`;
}

/** Shapes that differ without their colour. */
const SHAPES: Readonly<Record<Tone, string>> = {
  good: "M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1Zm3.6 5.3-4.2 5a.9.9 0 0 1-1.3.1L4 9.3l1.2-1.3 1.4 1.3 3.6-4.2 1.4 1.2Z",
  warning:
    "M8.9 1.5a1 1 0 0 0-1.8 0l-6 11.3A1 1 0 0 0 2 14.3h12a1 1 0 0 0 .9-1.5l-6-11.3ZM7.1 5.5h1.8v4.2H7.1V5.5Zm0 5.3h1.8V12.5H7.1v-1.7Z",
  bad: "M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1Zm3.2 8.9-1.3 1.3L8 9.3l-1.9 1.9-1.3-1.3L6.7 8 4.8 6.1l1.3-1.3L8 6.7l1.9-1.9 1.3 1.3L9.3 8l1.9 1.9Z",
  off: "M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1Zm3.5 8h-7V7.1h7V9Z",
};

export function pill({ tone, word }: State): Html {
  return html`<span class="pill ${tone}"
    ><svg viewBox="0 0 16 16" aria-hidden="true">
      <path fill-rule="evenodd" d="${SHAPES[tone]}" /></svg
    >${word}</span
  >`;
}
