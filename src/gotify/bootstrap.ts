// Owns the first contact: from a user name and a password to a client and an application, with exactly two creations.
import {
  createApplication,
  findApplicationToken,
  listApplications,
  settingsToWire,
  type ApplicationSettings,
  type GotifyApplication,
} from "./applications.ts";
import { loginCredential, type GotifyLogin } from "./call-options.ts";
import { createClient, deleteClient, type CreatedClient } from "./clients.ts";
import { withDeadline, type Deadline } from "./deadline.ts";
import { classifySendFailure, GotifyConfigError, isGotifyError } from "./errors.ts";
import type { Credential, HttpSetup } from "./http.ts";

/** Whom to ask as, and what the two things to be made are called. */
export interface BootstrapRequest {
  /** Used for the calls of this bootstrap, and never kept. */
  readonly login: GotifyLogin;
  /** Not blank. A new client is made even when one of that name exists: its token could not be had. */
  readonly clientName: string;
  /** Not blank. An application of exactly this name is used again, unless it belongs to a server plugin. */
  readonly applicationName: string;
  /** For a new application. Default none. */
  readonly applicationDescription?: string;
  /** For a new application, a whole number; Gotify's own default is 0, which is silent. Default 5. */
  readonly defaultPriority?: number;
}

/** What a bootstrap leaves behind: everything a bridge needs, and nothing that needs the password again. */
export interface BootstrapResult {
  /** The new client's entry. */
  readonly client: CreatedClient["client"];
  /** Reads, receives and manages; on Gotify 3 it also posts, with the application's id. */
  readonly clientToken: string;
  /** The new application, or the one that was there. */
  readonly application: GotifyApplication;
  /**
   * Posts to the application. `undefined` only on Gotify 3, when an application of that name was there
   * already: it shows a token once. Post with the client token and the id then, or rotate the token.
   */
  readonly appToken: string | undefined;
  /** True when an application of that name was there; its description and priority are its own then. */
  readonly reusedApplication: boolean;
}

const DEFAULT_PRIORITY = 5;
/** For removing the client after a failure: of its own, because the call's time may be what ran out. */
const CLEAN_UP_MS = 5_000;

/**
 * Creates a client, and an application unless one of that name exists. Nothing is tried twice: names
 * are not unique, so a repeated creation would leave a second one. When the application cannot be had,
 * the client is removed again, and if that fails the error names it (unless it is the caller's own
 * reason for an abort, which is left as it is).
 *
 * @throws {GotifyConfigError} when two applications already share the name; otherwise what a call throws.
 */
export async function bootstrap(
  setup: HttpSetup,
  request: BootstrapRequest,
  deadline: Deadline,
): Promise<BootstrapResult> {
  const login = loginCredential(request.login);
  const settings: ApplicationSettings & { readonly name: string } = {
    name: request.applicationName,
    description: request.applicationDescription ?? "",
    defaultPriority: request.defaultPriority ?? DEFAULT_PRIORITY,
  };
  // Checked before anything is made.
  settingsToWire(settings);
  const { client, token } = await once("client", request.clientName, () =>
    createClient(setup, login, { name: request.clientName }, deadline),
  );
  try {
    const credential: Credential = { kind: "client", token };
    const existing = (await listApplications(setup, credential, deadline)).filter(
      // A server plugin's own application goes when the plugin does, and its messages are the plugin's.
      ({ name, internal }) => name === request.applicationName && !internal,
    );
    const [application] = existing;
    if (existing.length > 1) {
      throw new GotifyConfigError(
        `Gotify has ${existing.length} applications called "${request.applicationName}". Rename or delete all but one.`,
      );
    }
    if (application !== undefined) {
      const appToken = await findApplicationToken(setup, credential, application.id, deadline);
      return { client, clientToken: token, application, appToken, reusedApplication: true };
    }
    const created = await once("application", request.applicationName, () =>
      createApplication(setup, credential, settings, deadline),
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
    const leftOver = await withDeadline({ timeoutMs: CLEAN_UP_MS }, (cleanUp) =>
      deleteClient(setup, login, client.id, cleanUp),
    ).then(
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
