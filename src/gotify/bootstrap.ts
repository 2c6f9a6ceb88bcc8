// Owns the first contact: from a user name and a password to a client and an application, with exactly two creations.
import {
  createApplication,
  findApplicationToken,
  listApplications,
  type GotifyApplication,
} from "./applications.ts";
import { loginCredential, type CallOptions, type GotifyLogin } from "./call-options.ts";
import { createClient, deleteClient, type CreatedClient } from "./clients.ts";
import { classifySendFailure, GotifyConfigError, isGotifyError } from "./errors.ts";
import type { Credential, HttpSetup } from "./http.ts";

export interface BootstrapRequest {
  /** Used for the calls of this bootstrap, and never kept. */
  readonly login: GotifyLogin;
  readonly clientName: string;
  readonly applicationName: string;
  readonly applicationDescription?: string;
  /** For a new application; Gotify's own default is 0, which is silent. Default 5. */
  readonly defaultPriority?: number;
}

export interface BootstrapResult {
  readonly client: CreatedClient["client"];
  /** Reads, receives and manages; on Gotify 3 it also posts, with the application's id. */
  readonly clientToken: string;
  readonly application: GotifyApplication;
  /**
   * Posts to the application. `undefined` only on Gotify 3, when an application of that name was there
   * already: it shows a token once. Post with the client token and the id then, or rotate the token.
   */
  readonly appToken: string | undefined;
  readonly reusedApplication: boolean;
}

const DEFAULT_PRIORITY = 5;

/**
 * Creates a client, and an application unless one of that name exists. Nothing is tried twice: names
 * are not unique, so a repeated creation would leave a second one. When the application cannot be had,
 * the client is removed again, and if that fails the error names it.
 *
 * @throws {GotifyConfigError} when two applications already share the name; otherwise what a call throws.
 */
export async function bootstrap(
  setup: HttpSetup,
  request: BootstrapRequest,
  options: CallOptions,
): Promise<BootstrapResult> {
  const login = loginCredential(request.login);
  const { client, token } = await once("client", request.clientName, () =>
    createClient(setup, login, { name: request.clientName }, options),
  );
  try {
    const credential: Credential = { kind: "client", token };
    const existing = (await listApplications(setup, credential, options)).filter(
      ({ name }) => name === request.applicationName,
    );
    const [application] = existing;
    if (existing.length > 1) {
      throw new GotifyConfigError(
        `Gotify has ${existing.length} applications called "${request.applicationName}". Rename or delete all but one.`,
      );
    }
    if (application !== undefined) {
      const appToken = await findApplicationToken(setup, credential, application.id, options);
      return { client, clientToken: token, application, appToken, reusedApplication: true };
    }
    const created = await once("application", request.applicationName, () =>
      createApplication(
        setup,
        credential,
        {
          name: request.applicationName,
          description: request.applicationDescription ?? "",
          defaultPriority: request.defaultPriority ?? DEFAULT_PRIORITY,
        },
        options,
      ),
    );
    return {
      client,
      clientToken: token,
      application: created.application,
      appToken: created.token,
      reusedApplication: false,
    };
  } catch (error) {
    // A client that nobody knows the token of is of no use, so it goes, also after an abort.
    const leftOver = await deleteClient(setup, login, client.id, {
      timeoutMs: options.timeoutMs,
    }).then(
      () => "",
      () =>
        ` The client "${client.name}" (${client.id}) could not be removed again: delete it in Gotify.`,
    );
    if (isGotifyError(error)) error.message += leftOver;
    throw error;
  }
}

/** Says what to look for when it is not known whether the creation came about. */
async function once<T>(what: string, name: string, create: () => Promise<T>): Promise<T> {
  try {
    return await create();
  } catch (error) {
    if (isGotifyError(error) && classifySendFailure(error) === "unknown") {
      error.message += ` The ${what} "${name}" may exist all the same: look for it in Gotify, and delete it, before trying again.`;
    }
    throw error;
  }
}
