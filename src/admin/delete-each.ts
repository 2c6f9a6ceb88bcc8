// Owns deleting several things one after the other: what is gone stays told when the rest fails or is stopped.
import { CommandError } from "../config/command-line.ts";
import { errorText } from "../config/error-text.ts";
import { GotifyHttpError, GotifyNetworkError, isGotifyError } from "../gotify/errors.ts";
import type { ConfirmOptions } from "./ask.ts";
import type { LoginOptions } from "./elevation.ts";
import type { AdminOptions } from "./session.ts";
import { InterruptedError, type Surroundings } from "./surroundings.ts";

/** What a command that deletes applications or clients takes. */
export interface DeleteOptions extends AdminOptions, ConfirmOptions, LoginOptions {
  /** Also what OpenClaw itself depends on. */
  readonly force?: boolean;
}

export interface Deletion {
  /** In the plural, e.g. `messages`. */
  readonly what: string;
  readonly ids: readonly number[];
  readonly remove: (id: number) => Promise<void>;
  /**
   * Whether the client token's user still has it. For what may be deleted with a login: Gotify does not know
   * what is another user's, so that its 404 alone does not say that the thing is gone.
   */
  readonly isListed?: (id: number) => Promise<boolean>;
}

/**
 * What is gone already when its turn comes counts as deleted. Stopping takes effect between two deletions,
 * so that nobody has to guess about the last one.
 *
 * @throws {CommandError} with how far it came. When nothing was deleted, what the first one threw.
 */
export async function deleteEach(
  { what, ids, remove, isListed }: Deletion,
  { interruptible, progress }: Pick<Surroundings, "interruptible" | "progress">,
): Promise<void> {
  const deleted: number[] = [];
  const bar = progress(`Deleting ${what}`, ids.length);
  await interruptible(async (signal) => {
    for (const id of ids) {
      try {
        signal.throwIfAborted();
        await removeOrFindGone(id, remove, isListed);
      } catch (error) {
        throw howFar(what, ids, deleted, error);
      }
      deleted.push(id);
      bar.at(deleted.length);
    }
  }).finally(bar.end);
}

async function removeOrFindGone(
  id: number,
  remove: Deletion["remove"],
  isListed: Deletion["isListed"],
): Promise<void> {
  try {
    await remove(id);
  } catch (error) {
    const isUnknown = error instanceof GotifyHttpError && error.status === 404 && error.isGotifys;
    if (!isUnknown || (await isListed?.(id)) === true) throw error;
  }
}

function howFar(
  what: string,
  ids: readonly number[],
  deleted: readonly number[],
  error: unknown,
): unknown {
  const isDoubtful = error instanceof GotifyNetworkError && error.requestSent;
  const isStopped = error instanceof InterruptedError;
  if (ids.length === 1 && !isStopped && !isDoubtful) return error;
  const left = ids.slice(deleted.length);
  const unknown = isDoubtful ? left.splice(0, 1) : [];
  const cause = isStopped ? "it was stopped" : errorText(error);
  const rest = [
    ...unknown.map((id) => ` Nobody knows about ${id}: it may be deleted.`),
    ...(left.length === 0 ? [] : [` Not deleted: ${left.join(", ")}.`]),
  ];
  return new CommandError(
    `Deleted ${deleted.length} of ${ids.length} ${what}, then: ${cause.replace(/\.$/, "")}.${rest.join("")}`,
    {
      code: error instanceof CommandError || isGotifyError(error) ? error.code : undefined,
      result: { deleted, unknown, notDeleted: left },
      cause: error,
    },
  );
}
