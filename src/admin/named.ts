// Owns finding the application or client that was named, by its id or its exact name, or saying what there is.
import { CommandError } from "../config/command-line.ts";
import { whatThereIs } from "../config/what-there-is.ts";
import { oneLine } from "../gotify/one-line.ts";
import { cutToWidth } from "./text.ts";

export interface Named {
  readonly id: number;
  readonly name: string;
}

export type Kind = "application" | "client";

/** What an id can be written behind, where a name could be meant. */
const PREFIXES: Readonly<Record<Kind, string>> = { application: "app:", client: "client:" };
const NAME_COLUMNS = 40;

export interface PickOptions {
  /** A number names an id alone: of what is gone already, it must not hit another thing that is called so. */
  readonly numbersAreIds?: boolean;
}

/** @throws {CommandError} when none is meant, or several are. */
export function pickNamed<T extends Named>(
  kind: Kind,
  items: readonly T[],
  reference: string,
  { numbersAreIds = false }: PickOptions = {},
): T {
  const wanted = reference.trim();
  if (wanted === "") {
    throw new CommandError(`Name the ${kind}, by its id or its name.`, { code: "GOTIFY_CONFIG" });
  }
  const prefix = PREFIXES[kind];
  const isPrefixed = wanted.startsWith(prefix);
  const id = idOf(isPrefixed ? wanted.slice(prefix.length) : wanted);
  const byId = id === undefined ? undefined : items.find((item) => item.id === id);
  const isIdOnly = id !== undefined && (isPrefixed || (numbersAreIds && byId === undefined));
  const called = isIdOnly ? [] : items.filter((item) => sameName(item.name, wanted));
  const [found, ...others] = [...new Set([...(byId === undefined ? [] : [byId]), ...called])];
  if (found === undefined) {
    const there = items.map((item) => `${item.id} (${shownName(item.name)})`);
    throw new CommandError(
      `There is no ${kind} ${id === undefined ? `"${shownName(wanted)}"` : wanted} for this user. ${whatThereIs(`${kind}s`, there)}`,
      { code: "GOTIFY_NOT_FOUND" },
    );
  }
  if (others.length > 0) {
    const ids = [found, ...others].map((item) =>
      byId === undefined ? item.id : `${prefix}${item.id}`,
    );
    throw new CommandError(
      byId === undefined
        ? `Several ${kind}s are called "${shownName(wanted)}". Name the one by its id: ${ids.join(", ")}.`
        : `${wanted} is the id of one ${kind} and the name of another. Write which id you mean: ${ids.join(", ")}.`,
      { code: "GOTIFY_AMBIGUOUS" },
    );
  }
  return found;
}

/** Several, each once. For what is deleted: a number is an id. */
export function pickAllNamed<T extends Named>(
  kind: Kind,
  items: readonly T[],
  references: readonly string[],
): readonly T[] {
  return [
    ...new Set(
      references.map((reference) => pickNamed(kind, items, reference, { numbersAreIds: true })),
    ),
  ];
}

/** As it stands in a sentence. */
export function shown(kind: Kind, { id, name }: Named): string {
  return `${kind} ${id} (${shownName(name)})`;
}

export function shownName(name: string): string {
  return cutToWidth(oneLine(name), NAME_COLUMNS);
}

/** As Gotify writes them: `007` is a name. */
function idOf(written: string): number | undefined {
  return /^[1-9]\d{0,14}$/.test(written) ? Number(written) : undefined;
}

/** The same letters may be written in two ways. */
function sameName(one: string, other: string): boolean {
  return one.trim().normalize("NFC") === other.normalize("NFC");
}
