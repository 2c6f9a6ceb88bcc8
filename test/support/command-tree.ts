// Owns what OpenClaw's command line takes, as its own script for shell completion tells: every command with its flags, in one process.
import { runOpenClaw, type OpenClawHome } from "./openclaw.ts";

type Command = { readonly subcommands: Set<string>; readonly flags: Map<string, FlagKind> };
type FlagKind = "switch" | "with value";
/** By the words that lead there; `""` is the program itself. */
export type CommandTree = ReadonlyMap<string, Command>;

/** Every command takes these, whatever the script says. */
const EVERYWHERE = new Set(["--help", "-h"]);
/** As in `openclaw channels add <channel> --flag …`. */
const ANY_FLAG = "--flag";

export async function readCommandTree(home: OpenClawHome): Promise<CommandTree> {
  const { code, stdout, stderr } = await runOpenClaw(home, ["completion", "--shell", "fish"]);
  if (code !== 0) throw new Error(`openclaw completion ended with ${code}: ${stderr || stdout}`);
  return treeOf(stdout);
}

function treeOf(script: string): CommandTree {
  const tree = new Map<string, Command>();
  const commandAt = (path: string): Command => {
    const command = tree.get(path) ?? { subcommands: new Set(), flags: new Map() };
    tree.set(path, command);
    return command;
  };
  const line = /^complete -c openclaw -n "__openclaw_command_path_matches([^"]*)" (.*)$/gm;
  for (const [, condition = "", rest = ""] of script.matchAll(line)) {
    // The first supported host adds which flags have values, after `--`.
    const path = (/^(.*?)(?: --(?: .*)?)?$/.exec(condition)?.[1] ?? "").trim();
    const command = commandAt(path);
    const subcommand = /^-a "([^"]+)"/.exec(rest)?.[1];
    if (subcommand !== undefined) {
      command.subcommands.add(subcommand);
      commandAt(`${path} ${subcommand}`.trim());
      continue;
    }
    const [, short, long, value] = /^(?:-s (\S+) ?)?(?:-l (\S+))?( -r)?/.exec(rest) ?? [];
    const kind = value === undefined ? "switch" : "with value";
    if (short !== undefined) command.flags.set(`-${short}`, kind);
    if (long !== undefined) command.flags.set(`--${long}`, kind);
  }
  return tree;
}

/** The words of a command that lead to it; the others are what it is given. */
export function pathOf(tree: CommandTree, words: readonly string[]): string {
  let path = "";
  for (const word of words) {
    if (tree.get(path)?.subcommands.has(word) !== true) break;
    path = `${path} ${word}`.trim();
  }
  return path;
}

/** Why the host would not take this command; undefined when it would, as far as names go. */
export function whatIsWrongWith(tree: CommandTree, words: readonly string[]): string | undefined {
  const path = pathOf(tree, words);
  const rest = words.slice(path === "" ? 0 : path.split(" ").length);
  const name = `openclaw ${path}`.trim();
  const [next] = rest;
  const isGroup = (tree.get(path)?.subcommands.size ?? 0) > 0;
  if (isGroup && next !== undefined && !isPlaceholder(next) && !next.startsWith("-")) {
    return `"${name}" has no command "${next}"`;
  }
  const unknown = flagsIn(rest).find((flag) => !takes(tree, path, flag));
  return unknown === undefined ? undefined : `"${name}" has no ${unknown}`;
}

export function flagsIn(words: readonly string[]): string[] {
  return words.flatMap((word) => {
    const flag = /^(--?[a-z][\w-]*)(?:=.*)?$/.exec(word)?.[1];
    return flag === undefined || flag === ANY_FLAG ? [] : [flag];
  });
}

/** Whether the command, one above it, or what it does when nothing more is said, has this flag. */
export function takes(tree: CommandTree, path: string, flag: string): boolean {
  const words = path.split(" ");
  const above = words.map((_, index) => words.slice(0, index + 1).join(" "));
  return (
    EVERYWHERE.has(flag) ||
    ["", ...above].some((at) => tree.get(at)?.flags.has(flag) === true) ||
    // `openclaw gotify grants` is its `list`.
    tree.get(`${path} list`)?.flags.has(flag) === true
  );
}

/** What stands for the reader's own words: `…`, `<id>`, `CODE`. */
function isPlaceholder(word: string): boolean {
  return /^(?:…|\.\.\.|<.*|[A-Z]+)$/.test(word);
}
