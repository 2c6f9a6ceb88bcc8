// Owns what Gotify 3 asks for once more before it deletes applications and clients: the password, for one command and kept nowhere.
import { CommandError } from "../config/command-line.ts";
import type { GotifyLogin } from "../gotify/call-options.ts";
import { needsElevation } from "../gotify/errors.ts";
import { oneLine } from "../gotify/one-line.ts";
import type { Session } from "./session.ts";
import type { Surroundings } from "./surroundings.ts";

const PASSWORD_VARIABLE = "GOTIFY_PASS";

export interface LoginOptions {
  readonly passwordStdin?: boolean;
}

export interface Elevation {
  /** Does it with the client token, and once more with a login where Gotify asks for one. */
  readonly run: <T>(work: (login: { readonly login?: GotifyLogin }) => Promise<T>) => Promise<T>;
}

/** A password that was given once counts for all that the command does. */
export function createElevation(
  session: Session,
  options: LoginOptions,
  surroundings: Surroundings,
): Elevation {
  let login: GotifyLogin | undefined;
  return {
    async run(work) {
      if (login !== undefined) return work({ login });
      try {
        return await work({});
      } catch (error) {
        if (!needsElevation(error)) throw error;
        login = await loginFor(session, options, surroundings, error);
        return work({ login });
      }
    },
  };
}

/** Of the client token's user: what the token lists is nobody else's to delete, not even an administrator's. */
async function loginFor(
  { client, account }: Session,
  options: LoginOptions,
  { person, environment, readStdin, note }: Surroundings,
  refusal: Error,
): Promise<GotifyLogin> {
  const given =
    options.passwordStdin === true
      ? (await readStdin()).replace(/\r?\n$/, "")
      : environment[PASSWORD_VARIABLE];
  const hasPassword = given !== undefined && given !== "";
  if (!hasPassword && (person === undefined || options.passwordStdin === true)) {
    throw new CommandError(
      `Gotify 3 wants the password once more before it deletes this. Put the one of the client token's user into ${PASSWORD_VARIABLE}, or pipe it in with --password-stdin.`,
      { code: "GOTIFY_NOT_ELEVATED", cause: refusal },
    );
  }
  const { name: user } = await client.currentUser();
  if (hasPassword) return { user, password: given };
  note(
    `Gotify 3 at ${account.serverUrl ?? ""} asks for the password once more before it deletes this. It is used for this command and kept nowhere.`,
  );
  const password = await person?.askHidden(`Password of ${oneLine(user)}: `);
  return { user, password: password ?? "" };
}
