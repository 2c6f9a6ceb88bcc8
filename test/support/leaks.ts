// Owns what must show nowhere: the secrets of a test, and everything that its programs print, log, answer and tell a model.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";

interface Saying {
  readonly where: string;
  readonly text: () => string;
}

const secrets = new Set<string>();
const sayings: Saying[] = [];
const servers = new Set<string>();
let isWatching = false;

/** Made-up tokens of tests that need no server are all named so. */
const MADE_UP = /[AC]geheim\w*/gi;
/** Shorter words are part of others. */
const MIN_SECRET_CHARS = 12;
const CONTEXT_CHARS = 60;
/** Code and caches, which hold nothing of a test's. */
const NOT_SEARCHED = new Set(["npm", "tmp", "node_modules"]);

/** From now on everything is kept until `findLeaks`; before, nothing is. */
export async function watchForLeaks(): Promise<void> {
  if (isWatching) return;
  isWatching = true;
  const { watchTokens } = await import("../emulator/tokens.ts");
  watchTokens(noteSecret);
  const realFetch = globalThis.fetch;
  globalThis.fetch = async (input, init) => {
    const response = await realFetch(input, init);
    const url = input instanceof Request ? input.url : String(input);
    if ([...servers].some((server) => url.startsWith(server))) {
      const answer = { text: JSON.stringify([...response.headers]) };
      sayings.push({ where: `the answer of ${url}`, text: () => answer.text });
      // A reader that gives up takes the copy with it.
      void response
        .clone()
        .text()
        .then((text) => (answer.text += text))
        .catch(() => undefined);
    }
    return response;
  };
}

/** Any time; what holds a test's own secrets may say so before the watch begins. A key counts line by line. */
export function noteSecret(secret: string): void {
  // A log breaks it elsewhere, or escapes the breaks.
  const lines = secret
    .split(/\r?\n/)
    .filter((line) => line.length >= MIN_SECRET_CHARS && !line.startsWith("-----"));
  if (lines.length === 0) throw new Error("Too short to be told from anything else.");
  for (const line of lines) secrets.add(line);
}

/** The files below a folder that hold one of these, whatever kind of file it is; relative to the folder. */
export function filesWith(folder: string, wanted: readonly string[]): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.includes("node_modules"))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => {
      // Gone again: a lock, or a draft.
      const bytes = existsSync(path) ? readFileSync(path, "latin1") : "";
      return wanted.some((secret) => bytes.includes(secret));
    })
    .map((path) => relative(folder, path));
}

/** @param text asked for at the end, when it is complete. */
export function noteOutput(where: string, text: () => string): void {
  if (isWatching) sayings.push({ where, text });
}

/** A server of the host, whose answers may show no secret. */
export function noteServer(url: string): void {
  if (isWatching) servers.add(url);
}

/** The logs below a folder that is about to go. */
export function noteLogs(folder: string): void {
  if (!isWatching) return;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && !NOT_SEARCHED.has(entry.name)) noteLogs(path);
    if (!entry.isFile() || !/\.(?:log|jsonl)$/.test(entry.name)) continue;
    const text = readFileSync(path, "utf8");
    sayings.push({ where: path, text: () => text });
  }
}

/** Where secrets showed, one line each, without the secret. */
export function findLeaks(): string[] {
  return sayings.flatMap(({ where, text }) => {
    const said = text();
    const shown = [...secrets].filter((secret) => said.includes(secret));
    for (const [madeUp] of said.matchAll(MADE_UP)) shown.push(madeUp);
    return [...new Set(shown)].map((secret) => hidden(`${where}: ${around(said, secret)}`));
  });
}

function hidden(line: string): string {
  const known = [...secrets].reduce((text, secret) => text.replaceAll(secret, "<token>"), line);
  return known.replaceAll(MADE_UP, "<token>").replaceAll(/\s+/g, " ");
}

function around(text: string, secret: string): string {
  const at = text.indexOf(secret);
  const before = text.slice(Math.max(0, at - CONTEXT_CHARS), at);
  const after = text.slice(at + secret.length, at + secret.length + CONTEXT_CHARS);
  return `${before}${secret}${after}`;
}
