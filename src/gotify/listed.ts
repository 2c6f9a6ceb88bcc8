// Owns finding one entry in a list, for what Gotify shows in lists only, and what is said of one that is missing or incomplete.
import { checkedId } from "./call-options.ts";
import type { Deadline } from "./deadline.ts";
import { GotifyConfigError, GotifyHttpError } from "./errors.ts";
import { exchangeList, type Credential, type HttpSetup } from "./http.ts";
import { asObject, type JsonObject } from "./parse.ts";

/** The entry as Gotify lists it, also when not all of it can be read. Throws with status 404 when there is none. */
export async function findListed(
  setup: HttpSetup,
  what: "application" | "client",
  credential: Credential,
  id: number,
  deadline: Deadline,
): Promise<JsonObject> {
  const wanted = checkedId(id);
  const found = (await exchangeList(setup, `/${what}`, credential, deadline))
    .map(asObject)
    .find((item) => item?.["id"] === wanted);
  if (found === undefined) throw unknownId(setup, what, id);
  return found;
}

/** The error for an id that a list does not have, as the server itself would answer. */
function unknownId(setup: HttpSetup, what: string, id: number): GotifyHttpError {
  return new GotifyHttpError(
    `Gotify at ${setup.server.href} has no ${what} ${id} for this user. It was deleted, or it belongs to another user.`,
    { code: "GOTIFY_NOT_FOUND", status: 404 },
  );
}

/** The error for a setting that the server does not tell, but asks for with every change. */
export function wouldBeLost(what: string, id: number, setting: string): GotifyConfigError {
  return new GotifyConfigError(
    `Nothing was changed: Gotify gives no ${setting} for ${what} ${id} that could be kept, and replaces it with every change. ` +
      `Pass ${setting} along with the change.`,
  );
}
