// Owns what Gotify 3 asks for once more before it deletes applications and clients: the password, for one command and kept nowhere.
import { CommandError } from "../config/command-line.ts";
import { errorText } from "../config/error-text.ts";
import type { GotifyLogin } from "../gotify/call-options.ts";
import { needsElevation } from "../gotify/errors.ts";
import type { Session } from "./session.ts";
import type { Surroundings } from "./surroundings.ts";

export const USER_VARIABLE = "GOTIFY_USER";
export const PASSWORD_VARIABLE = "GOTIFY_PASS";

export interface LoginOptions {
  /** Default: the user that the client token belongs to. */
  readonly user?: string;
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

async function loginFor(
  { client, account }: Session,
  options: LoginOptions,
  { person, environment, readStdin, note }: Surroundings,
  refusal: Error,
): Promise<GotifyLogin> {
  const user = options.user ?? environment[USER_VARIABLE];
  const given =
    options.passwordStdin === true
      ? (await readStdin()).replace(/\r?\n$/, "")
      : environment[PASSWORD_VARIABLE];
  if (given !== undefined && given !== "") {
    return { user: user ?? (await client.currentUser()).name, password: given };
  }
  if (person === undefined || options.passwordStdin === true) {
    throw new CommandError(
      `Gotify 3 wants the password once more before it deletes this. Put it into ${PASSWORD_VARIABLE}, or pipe it in with --password-stdin; --user names another user than the client token's. (${errorText(refusal)})`,
      { code: "GOTIFY_NOT_ELEVATED", cause: refusal },
    );
  }
  note(
    `Gotify 3 at ${account.serverUrl ?? ""} asks for the password once more before it deletes this. It is used for this command and kept nowhere.`,
  );
  const name = user ?? (await askUser(person.ask, (await client.currentUser()).name));
  return { user: name, password: await person.askHidden(`Password of ${name}: `) };
}

async function askUser(ask: (question: string) => Promise<string>, owner: string): Promise<string> {
  const answer = (await ask(`User [${owner}]: `)).trim();
  return answer === "" ? owner : answer;
}
