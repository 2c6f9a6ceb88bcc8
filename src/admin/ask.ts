// Owns the question before something is deleted: asked at a terminal, answered beforehand by --yes.
import { CommandError } from "../config/command-line.ts";
import type { Surroundings } from "./surroundings.ts";

export interface ConfirmOptions {
  readonly yes?: boolean;
}

/** @throws {CommandError} when nobody says yes. */
export async function confirmDeletion(
  question: string,
  { yes }: ConfirmOptions,
  { person }: Pick<Surroundings, "person">,
): Promise<void> {
  if (yes === true) return;
  if (person === undefined) {
    throw new CommandError(
      `Nothing was deleted: nobody can be asked here. Add --yes to do it without a question: ${question}`,
      { code: "GOTIFY_NOT_CONFIRMED" },
    );
  }
  const answer = await person.ask(`${question} [y/N] `);
  if (/^\s*y(?:es)?\s*$/i.test(answer)) return;
  throw new CommandError("Nothing was deleted.", { code: "GOTIFY_NOT_CONFIRMED" });
}
