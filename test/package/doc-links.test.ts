// Owns the proof that the texts do not rot: what they link to and name exists, and a Chinese edition is that of its English page.
import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join, matchesGlob, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { fromMarkdown } from "mdast-util-from-markdown";
import { describe, expect, test } from "vitest";

type Root = ReturnType<typeof fromMarkdown>;
type Node = Root | Root["children"][number];

const root = fileURLToPath(new URL("../..", import.meta.url));
const pages = globSync(["README*.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs/**/*.md"], {
  cwd: root,
}).sort();
const editions = pages.filter((page) => page.endsWith("_CN.md"));

/** Folders whose name at the beginning makes a path one of this repository. */
const FOLDERS = ["src", "test", "scripts", "docs", "bench", "assets"];
const files = globSync(`{${FOLDERS.join(",")}}/**`, {
  cwd: root,
  exclude: (path) => path.endsWith("node_modules"),
});
/** Here on a developer's machine, and nowhere on GitHub. */
const NOT_CHECKED_IN = /^(?:node_modules|dist|\.test-report)(?:\/|$)/;

const readPage = (page: string): string => readFileSync(join(root, page), "utf8");
/** Parsed once: a page is linked to, and looked at, many times. */
const nodesOf = remembering((page) => flatten(fromMarkdown(readPage(page))));
const anchorsOfPage = remembering((page) => anchorsOf(readPage(page)));

function flatten(node: Node): readonly Node[] {
  return "children" in node ? [node, ...node.children.flatMap(flatten)] : [node];
}

function remembering<T>(make: (page: string) => T): (page: string) => T {
  const made = new Map<string, T>();
  return (page) => {
    const value = made.get(page) ?? make(page);
    made.set(page, value);
    return value;
  };
}

/** What the page links to and shows, as it is written there. */
function linksIn(page: string): readonly string[] {
  return nodesOf(page).flatMap((node) => {
    if (node.type === "link" || node.type === "image" || node.type === "definition") {
      return [node.url];
    }
    if (node.type !== "html") return [];
    return [...node.value.matchAll(/\b(?:href|src|srcset)="([^"]*)"/g)].map(([, url = ""]) => url);
  });
}

/** GitHub's: letters, marks, digits, `_` and `-` stay, a space becomes `-`, and a repetition gets a number. */
function anchorsOf(markdown: string): ReadonlySet<string> {
  const anchors = new Set<string>();
  for (const node of flatten(fromMarkdown(markdown))) {
    if (node.type !== "heading") continue;
    const words = flatten(node).map((part) =>
      part.type === "text" || part.type === "inlineCode" ? part.value : "",
    );
    const anchor = words
      .join("")
      .toLowerCase()
      .replaceAll(/[^\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\- ]/gu, "")
      .replaceAll(" ", "-");
    let unique = anchor;
    for (let n = 1; anchors.has(unique); n += 1) unique = `${anchor}-${n}`;
    anchors.add(unique);
  }
  return anchors;
}

/** Why a link of this page leads nowhere; `undefined` when it leads somewhere, or out of the repository. */
function brokenLink(page: string, link: string): string | undefined {
  if (/^(?:[a-z][a-z0-9+.-]*:|\/\/)/i.test(link)) return undefined;
  const [path = "", anchor] = decodeURI(link).split("#");
  const target = path === "" ? page : relative(root, join(root, dirname(page), path));
  if (target.startsWith("..") || path.startsWith("/")) return `${link}: outside of the repository`;
  if (NOT_CHECKED_IN.test(target) || !existsSync(join(root, target)))
    return `${link}: no such file`;
  if (anchor === undefined) return undefined;
  if (target.endsWith(".md") && anchorsOfPage(target).has(anchor)) return undefined;
  return `${link}: no such heading`;
}

/**
 * The paths of this repository among the words in backticks: those that begin with one of its folders, and
 * modules by the end of their path, e.g. `feed/judge.ts`. Both may have wildcards.
 */
function pathsIn(page: string): readonly string[] {
  const words = nodesOf(page).flatMap((node) =>
    node.type === "inlineCode" ? node.value.split(/\s+/) : [],
  );
  return words
    .map((word) => word.replace(/^(?:\.{1,2}\/)+/, "").replace(/\/$/, ""))
    .filter((word) => /^[\w@*.{},-]+(?:\/[\w@*.{},-]+)+$/.test(word))
    .filter((word) => FOLDERS.includes(word.split("/")[0] ?? "") || word.endsWith(".ts"));
}

function isThere(path: string): boolean {
  const pattern = FOLDERS.includes(path.split("/")[0] ?? "") ? path : `**/${path}`;
  return files.some((file) => matchesGlob(file, pattern));
}

/** A diagram without its words, which are translated; of every other block, comments included, the very text. */
function untranslated(node: Node): unknown {
  if (node.type !== "code") return undefined;
  const { lang, meta, value } = node;
  if (lang !== "mermaid") return { lang, meta, value };
  const shape = value
    .replaceAll(/\[[^\]]*\]|\{[^}]*\}|\([^)]*\)|\|[^|]*\||"[^"]*"/g, "[]")
    .replaceAll(/( as |: |^ *(?:loop|alt|else|opt|par|subgraph) ).*$/gm, "$1");
  return { lang, meta, shape };
}

test("the pages are found, with links, anchors and paths in them", () => {
  expect(pages).toEqual(expect.arrayContaining(["README.md", "CHANGELOG.md", "docs/gotify_CN.md"]));
  const links = pages.flatMap(linksIn);
  expect(links).toEqual(
    expect.arrayContaining([
      "CHANGELOG.md",
      "docs/images/conversation.png",
      "#17-databases-and-their-traps",
      "architecture.md#each-once",
    ]),
  );
  const paths = pages.flatMap(pathsIn);
  expect(paths).toEqual(expect.arrayContaining(["src/config/*.zod.ts", "gotify/stream.ts"]));
});

test("a heading's anchor is the one that GitHub makes", () => {
  const page = [
    "# What `code` & [a *link*](x.md) are: it's `snake_case`",
    "## 4.4 提权（3.0）",
    "## 分页，以及它无法保证的事",
    "## Again",
    "## Again",
    "## Again 1",
    "Under\n---",
    "```\n# none\n```",
  ];
  expect([...anchorsOf(page.join("\n\n"))]).toEqual([
    "what-code--a-link-are-its-snake_case",
    "44-提权30",
    "分页以及它无法保证的事",
    "again",
    "again-1",
    "again-1-1",
    "under",
  ]);
});

describe.each(pages)("%s", (page) => {
  test("every link and image leads to a file, and every anchor to a heading", () => {
    const broken = linksIn(page).map((link) => brokenLink(page, link));
    expect(broken.filter((reason) => reason !== undefined)).toEqual([]);
  });

  test("every path of this repository that it names exists", () => {
    expect(pathsIn(page).filter((path) => !isThere(path))).toEqual([]);
  });
});

describe.each(editions)("%s has the shape of its English edition", (edition) => {
  const english = edition.replace("_CN.md", ".md");

  test("headings of the same levels in the same order", () => {
    const levels = (page: string): readonly number[] =>
      nodesOf(page).flatMap((node) => (node.type === "heading" ? [node.depth] : []));
    expect(levels(edition)).toEqual(levels(english));
  });

  test("the same code blocks", () => {
    const blocks = (page: string): readonly unknown[] =>
      nodesOf(page)
        .map(untranslated)
        .filter((block) => block !== undefined);
    expect(blocks(edition)).toEqual(blocks(english));
  });
});

test.each(pages)("nothing is left to do in %s", (page) => {
  const lines = readPage(page).split("\n");
  const marks = lines.flatMap((line, index) =>
    /\bTODO\b/.test(line) ? [`line ${index + 1}`] : [],
  );
  expect(marks).toEqual([]);
});
