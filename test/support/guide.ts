// Owns guides that are followed to the letter: the shell blocks of a Markdown page, run in order as a reader would.
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { lastLines, startProcess } from "./captured-process.ts";
import { OPENCLAW_DIR, PROJECT_DIR, type OpenClawHome } from "./openclaw.ts";

/** A reader's terminal in a guide: each block sees what the ones before it have exported. */
export type Reader = {
  /** Runs the guide's next `sh` block; gives what it printed. A command that fails fails the test. */
  follow: (options?: FollowOptions) => Promise<string>;
  /** How many `sh` blocks nobody has run yet: a test that ends with some left has not followed the guide. */
  left: () => number;
};

export type FollowOptions = {
  /** What the block must contain, so that a test and its guide cannot come apart unnoticed. */
  containing?: string;
  /** The block shows a new token, as it is meant to. */
  showsToken?: boolean;
  /** Default 120 000. */
  timeoutMs?: number;
};

export type ReaderOptions = {
  /** Below the project's folder, e.g. `docs/guides/alerts.md`. */
  guide: string;
  home: OpenClawHome;
  /**
   * What the guide writes for the reader's own values, and what they are here. Each has to occur. A value that a
   * block makes, such as a token, can be put in before the next block is run.
   */
  own: Readonly<Record<string, string>>;
};

type Block = { readonly where: string; readonly text: string };

/** Opens a guide. Its `sh` blocks are commands to run; other languages are read by people only. */
export function openGuide({ guide, home, own }: ReaderOptions): Reader {
  const page = readFileSync(join(PROJECT_DIR, guide), "utf8");
  for (const written of Object.keys(own)) {
    if (!page.includes(written)) throw new Error(`${guide} says nothing of ${written}.`);
  }
  const blocks = shellBlocks(guide, page);
  const env = { ...home.env, PATH: `${openClawIn(home)}${delimiter}${home.env["PATH"] ?? ""}` };
  const exported = join(home.dir, "exported.sh");
  // Each guide stands for itself: what another one has exported must not help it.
  rmSync(exported, { force: true });
  return {
    left: () => blocks.length,
    follow: async ({ containing = "", showsToken = false, timeoutMs = 120_000 } = {}) => {
      const block = blocks.shift();
      if (block === undefined) throw new Error(`${guide} has no further sh block.`);
      if (!block.text.includes(containing)) {
        throw new Error(`${block.where}: expected "${containing}" in\n${block.text}`);
      }
      const before = existsSync(exported) ? `. ${exported}\n` : "";
      const script = `${before}${withOwn(block, own)}\nexport -p > ${exported}\n`;
      const shell = startProcess("bash", ["-euo", "pipefail", "-c", script], {
        cwd: home.dir,
        env,
        showsSecret: showsToken,
        signal: AbortSignal.timeout(timeoutMs),
      });
      const { code } = await shell.exited;
      if (code === 0) return shell.stdout();
      const said = showsToken ? shell.stderr() : shell.output();
      throw new Error(`${block.where} ended with ${code}:\n${lastLines(said)}`);
    },
  };
}

function shellBlocks(guide: string, page: string): Block[] {
  return [...page.matchAll(/^```sh\n([^]*?)^```$/gm)].map((block) => {
    const line = page.slice(0, block.index).split("\n").length;
    return { where: `${guide}:${line}`, text: block[1] ?? "" };
  });
}

function withOwn({ where, text }: Block, own: Readonly<Record<string, string>>): string {
  const replaced = Object.entries(own).reduce(
    (result, [written, real]) => result.replaceAll(written, real),
    text,
  );
  // A value that nobody replaced would send the test out into the world.
  if (/https?:\/\/[\w.-]*example\.com/.test(replaced)) {
    throw new Error(`${where} still has an address of somebody else:\n${text}`);
  }
  return replaced;
}

/** A folder with a program `openclaw`: the one under test, on the Node of this process. */
function openClawIn(home: OpenClawHome): string {
  const folder = join(home.dir, "bin");
  const program = join(folder, "openclaw");
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    program,
    `#!/bin/sh\nexec "${process.execPath}" "${join(OPENCLAW_DIR, "openclaw.mjs")}" "$@"\n`,
  );
  chmodSync(program, 0o755);
  return folder;
}
