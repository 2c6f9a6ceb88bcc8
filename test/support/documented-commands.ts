// Owns the commands that the documents name: in `sh` blocks, in backticks, and in the cells of tables.
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { PROJECT_DIR } from "./openclaw.ts";

/** Everything a reader may take a command from; the changelog tells of what once was. */
export const PAGES = globSync(["README*.md", "CONTRIBUTING.md", "AGENTS.md", "docs/**/*.md"], {
  cwd: PROJECT_DIR,
}).toSorted();

export type DocumentedCommand = {
  /** Page and line. */
  readonly where: string;
  /** The words after the program's name. */
  readonly words: readonly string[];
  /** The command whose last word these stand for: `create` after `openclaw gotify apps list`. */
  readonly like?: readonly string[];
};

type LoneFlag = {
  readonly where: string;
  readonly flag: string;
  /** The commands in the same row of a table; none elsewhere. */
  readonly row: readonly DocumentedCommand[];
};

export type Documented = {
  readonly commands: readonly DocumentedCommand[];
  /** Flags in backticks of their own. */
  readonly flags: readonly LoneFlag[];
};

type Part = { readonly where: string; readonly text: string };
type Span = { readonly text: string; readonly before: string };

/** What may stand between a command and those that share its beginning, in both languages. */
const LISTED = /^\s*(?:(?:,|、|，|and|or|和|或|及|以及|与)\s*)+$/;
/** Blocks whose lines are read as a shell reads them; in others only what stands in backticks counts. */
const SHELL = new Set(["sh", "bash", "shell", "console"]);
/** A flag in backticks of its own, perhaps with a value. */
const ALONE = /^--[a-z][\w-]*/g;
/** What npm hands on to a script stands behind `--`. */
const HANDED_ON = /(?<=^-- .*)--[a-z][\w-]*/g;
const PREFIXES = new Set(["do", "then", "else", "!", "sudo", "exec", "if", "while", "until"]);

/** Reads one page for the commands of one program, e.g. `openclaw` or `npm`. */
export function commandsIn(page: string, markdown: string, program: string): Documented {
  const commands: DocumentedCommand[] = [];
  const flags: LoneFlag[] = [];
  const take = ({ where, text }: Part): DocumentedCommand[] => {
    const found = shellCommands(text)
      .filter((words) => words[0] === program)
      .map((words) => ({ where, words: words.slice(1) }));
    commands.push(...found);
    return found;
  };
  const { blocks, rows, paragraphs } = partsOf(page, markdown);
  for (const { lang, ...block } of blocks) {
    if (SHELL.has(lang)) take(block);
    else for (const { text } of spansIn(block.text)) take({ ...block, text });
  }
  for (const part of [...rows, ...paragraphs]) {
    const { where } = part;
    const here: DocumentedCommand[] = [];
    const alone: string[] = [];
    let like: readonly string[] | undefined;
    for (const { text, before } of spansIn(part.text)) {
      const found = take({ where, text });
      here.push(...found);
      if (found.length > 0) {
        like = found.at(-1)?.words;
      } else if (like !== undefined && LISTED.test(before) && /^[a-z][a-z-]*(?: |$)/.test(text)) {
        const command = { where, words: shellCommands(text)[0] ?? [], like };
        commands.push(command);
        here.push(command);
      } else {
        like = undefined;
        alone.push(...(text.match(program === "npm" ? HANDED_ON : ALONE) ?? []));
      }
    }
    const row = rows.includes(part) ? here : [];
    flags.push(...alone.map((flag) => ({ where, flag, row })));
  }
  return { commands, flags };
}

/** Reads a page of this project. */
export function documentedIn(page: string, program: string): Documented {
  return commandsIn(page, readFileSync(join(PROJECT_DIR, page), "utf8"), program);
}

function partsOf(page: string, markdown: string) {
  const blocks: (Part & { lang: string })[] = [];
  const at = (index: number): string => `${page}:${markdown.slice(0, index).split("\n").length}`;
  // As long as before, so that what follows stays on its line.
  const prose = markdown.replaceAll(
    /^( *)```([\w-]*).*\n([^]*?)^\1```$/gm,
    (whole, _indent, lang: string, text: string, index: number) => {
      blocks.push({ where: at(index), lang, text });
      return whole.replaceAll(/[^\n]/g, "");
    },
  );
  const rows: Part[] = [];
  const paragraphs: Part[] = [];
  let open: { from: number; lines: string[] } | undefined;
  const close = (): void => {
    if (open !== undefined) {
      paragraphs.push({ where: `${page}:${open.from}`, text: open.lines.join(" ") });
    }
    open = undefined;
  };
  for (const [index, line] of prose.split("\n").entries()) {
    const startsItem = /^\s*(?:[-*]|\d+\.)\s/.test(line);
    if (line.startsWith("|") || line.trim() === "" || startsItem) close();
    if (line.startsWith("|")) rows.push({ where: `${page}:${index + 1}`, text: line });
    else if (line.trim() !== "") {
      open ??= { from: index + 1, lines: [] };
      open.lines.push(line.trim());
    }
  }
  close();
  return { blocks, rows, paragraphs };
}

function spansIn(text: string): Span[] {
  let end = 0;
  return [...text.matchAll(/(?<!`)`([^`]+)`(?!`)/g)].map((match) => {
    const before = text.slice(end, match.index);
    end = match.index + match[0].length;
    return { text: (match[1] ?? "").replaceAll("\\|", "|"), before };
  });
}

/** The simple commands of a piece of shell, without what they are fed, commented with or preceded by. */
function shellCommands(text: string): string[][] {
  const plain = text
    .replaceAll(/(<<-?\s*(['"]?)(\w+)\2[^\n]*)\n[^]*?\n\s*\3[ \t]*(?=\n|$)/g, "$1")
    .replaceAll(/\\\n\s*/g, " ")
    .replaceAll(/"?\$\(|\)"/g, "\n");
  const commands: string[][] = [[]];
  const token =
    /(\n|;|&&?|\|\|?(?=\s)|[{}()](?=\s|$))|(#[^\n]*)|((?:'[^']*'|"[^"]*"|<[a-z][^<>\n]*>|[^\s;&'"]|['"])+)/g;
  for (const [, separator, , word] of plain.matchAll(token)) {
    if (separator !== undefined) commands.push([]);
    else if (word !== undefined) {
      const command = commands.at(-1) ?? [];
      const isPrefix = PREFIXES.has(word) || /^\w+=/.test(word);
      if (command.length > 0 || !isPrefix) command.push(unquoted(word));
    }
  }
  return commands.filter(({ length }) => length > 0);
}

/** Without quotes, and without the brackets around what may be left out. */
function unquoted(word: string): string {
  return word.replaceAll(/^\[|\]$/g, "").replaceAll(/'([^']*)'|"([^"]*)"/g, "$1$2");
}
