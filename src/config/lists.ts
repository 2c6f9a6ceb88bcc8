// Owns reading texts and lists of them from the configuration: blanks around them mean nothing, and ids may be written as numbers.
import { asString } from "../gotify/parse.ts";

/** The text without the blanks around it; `undefined` when nothing is left, and for anything else. */
export function readText(value: unknown): string | undefined {
  const text = asString(value)?.trim();
  return text === "" ? undefined : text;
}

/** Trimmed, without what is empty or no word. */
export function readList(value: unknown): readonly string[] {
  if (!Array.isArray(value)) return [];
  const entries: unknown[] = value;
  return entries
    .filter((entry) => typeof entry === "string" || typeof entry === "number")
    .map((entry) => String(entry).trim())
    .filter((entry) => entry !== "");
}

/** Names of hosts, in lower case as addresses have them. */
export function readHosts(value: unknown): readonly string[] {
  return readList(value).map((host) => host.toLowerCase());
}
