// Owns finding the application or client that was named, by its id or its exact name, or saying what there is.
import { CommandError } from "../config/command-line.ts";
import { cutToWidth, oneLine } from "./text.ts";

export interface Named {
  readonly id: number;
  readonly name: string;
}

export type Kind = "application" | "client";

/** What still reads as one line. */
const SHOWN = 10;
const NAME_COLUMNS = 40;

/** @throws {CommandError} when none is meant, or several are. */
export function pickNamed<T extends Named>(kind: Kind, items: readonly T[], reference: string): T {
  const wanted = reference.trim();
  const id = /^(?:app:)?(\d{1,15})$/.exec(wanted)?.[1];
  const byId = id === undefined ? undefined : items.find((item) => item.id === Number(id));
  if (byId !== undefined) return byId;
  const [found, ...others] = items.filter((item) => sameName(item.name, wanted));
  if (found === undefined) {
    throw new CommandError(
      `There is no ${kind} ${id === undefined ? `"${shownName(wanted)}"` : wanted} for this user. ${whatThereIs(kind, items)}`,
      { code: "GOTIFY_NOT_FOUND" },
    );
  }
  if (others.length > 0) {
    const ids = [found, ...others].map((item) => item.id).join(", ");
    throw new CommandError(
      `Several ${kind}s are called "${shownName(wanted)}". Name the one by its id: ${ids}.`,
      { code: "GOTIFY_AMBIGUOUS" },
    );
  }
  return found;
}

/** Several, each once. */
export function pickAllNamed<T extends Named>(
  kind: Kind,
  items: readonly T[],
  references: readonly string[],
): readonly T[] {
  return [...new Set(references.map((reference) => pickNamed(kind, items, reference)))];
}

/** As it stands in a sentence. */
export function shown(kind: Kind, { id, name }: Named): string {
  return `${kind} ${id} (${shownName(name)})`;
}

export function shownName(name: string): string {
  return cutToWidth(oneLine(name), NAME_COLUMNS);
}

function whatThereIs(kind: Kind, items: readonly Named[]): string {
  if (items.length === 0) return `There are no ${kind}s.`;
  const first = items.slice(0, SHOWN).map(({ id, name }) => `${id} (${shownName(name)})`);
  const more = items.length - first.length;
  return `There are: ${first.join(", ")}${more > 0 ? `, and ${more} more` : ""}.`;
}

/** The same letters may be written in two ways. */
function sameName(one: string, other: string): boolean {
  return one.trim().normalize("NFC") === other.normalize("NFC");
}
