// Owns the client: one server, its tokens, and a method for each thing Gotify can do.
import {
  createApplication,
  deleteApplication,
  deleteApplicationImage,
  listApplications,
  rotateApplicationToken,
  updateApplication,
  uploadApplicationImage,
  type ApplicationImage,
  type ApplicationSettings,
  type CreatedApplication,
  type GotifyApplication,
} from "./applications.ts";
import { bootstrap, type BootstrapRequest, type BootstrapResult } from "./bootstrap.ts";
import {
  loginCredential,
  type CallOptions,
  type ElevatedCallOptions,
  type GotifyLogin,
} from "./call-options.ts";
import {
  createClient,
  deleteClient,
  elevateClient,
  listClients,
  updateClient,
  type ClientSettings,
  type CreatedClient,
  type GotifyClientEntry,
} from "./clients.ts";
import { GotifyConfigError } from "./errors.ts";
import { readPages, type HistoryQuery } from "./history.ts";
import type { Credential, HttpSetup } from "./http.ts";
import type { GotifyMessage, GotifyMessageDraft } from "./message.ts";
import {
  deleteMessage,
  deleteMessages,
  listMessages,
  sendMessage,
  type GotifyMessagePage,
  type MessageQuery,
} from "./messages.ts";
import {
  fetchCurrentUser,
  fetchHealth,
  fetchInfo,
  fetchVersion,
  type GotifyHealth,
  type GotifyInfo,
  type GotifyUser,
  type GotifyVersion,
} from "./server.ts";
import type { GotifySocketOptions, GotifyStream, GotifyStreamOptions } from "./stream-options.ts";
import {
  normalizeToken,
  probeAppToken,
  probeClientToken,
  type AppTokenProbe,
  type ClientTokenProbe,
} from "./tokens.ts";
import { parseServerUrl, type GotifyServerUrl } from "./url.ts";

const MIB = 1024 * 1024;

export interface GotifyClientOptions {
  /** The server's address, e.g. `https://push.example.com` or `https://example.com/gotify`. */
  readonly serverUrl: string;
  /** Token of an application: may post to it, and nothing else. */
  readonly appToken?: string | undefined;
  /** Token of a client: may read, receive and manage; on Gotify 3 also post, when the draft names an `appId`. */
  readonly clientToken?: string | undefined;
  /**
   * Milliseconds until a call gives up. Default 20,000. Gotify can be slow to answer a post while
   * another reader of the same user stalls (seen: over 1 s), so less than 15,000 turns slow posts
   * into ones of unknown outcome.
   */
  readonly timeoutMs?: number;
  /** Bytes an answer may have. Default 64 MiB; Gotify itself sets no limit to a page of 200 messages. */
  readonly maxAnswerBytes?: number;
  /** Further headers for every request and the stream's handshake, e.g. for an access proxy. Treated as secrets. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The function that carries out requests. Default: the global `fetch`. Called with `redirect: "manual"`. */
  readonly fetch?: typeof globalThis.fetch;
  /** How the stream's socket is made, e.g. through a proxy or with own certificates. */
  readonly socketOptions?: GotifySocketOptions;
}

/**
 * A client for one Gotify server (2.2 and later). Holds no connection of its own and needs no closing;
 * streams it opened do. Tokens travel in the `X-Gotify-Key` header only, and no redirect is followed.
 *
 * Every call takes a signal and a time limit, is carried out once, and throws a {@link GotifyError}
 * that says what to do, or the reason of the signal that stopped it.
 */
export class GotifyClient {
  readonly server: GotifyServerUrl;
  readonly #setup: HttpSetup;
  readonly #socketOptions: GotifySocketOptions;
  readonly #appToken: string | undefined;
  readonly #clientToken: string | undefined;

  /** @throws {GotifyConfigError} when the address or a token cannot work. */
  constructor(options: GotifyClientOptions) {
    this.server = parseServerUrl(options.serverUrl);
    this.#appToken = optionalToken(options.appToken, "app token");
    this.#clientToken = optionalToken(options.clientToken, "client token");
    this.#socketOptions = options.socketOptions ?? {};
    const headers = checkedHeaders(options.headers ?? {});
    this.#setup = {
      server: this.server,
      fetch: options.fetch ?? globalThis.fetch,
      headers,
      timeoutMs: options.timeoutMs ?? 20_000,
      maxAnswerBytes: options.maxAnswerBytes ?? 64 * MIB,
      secrets: [this.#appToken ?? "", this.#clientToken ?? "", ...Object.values(headers)],
    };
  }

  /** Whether the server and its database are well. Needs no token; a sick server is an answer, not an error. */
  async health(options: CallOptions = {}): Promise<GotifyHealth> {
    return fetchHealth(this.#setup, options);
  }

  /** The server's version. Needs no token. */
  async version(options: CallOptions = {}): Promise<GotifyVersion> {
    return fetchVersion(this.#setup, options);
  }

  /** What a Gotify 3 server offers; `undefined` on Gotify 2. Needs no token. */
  async info(options: CallOptions = {}): Promise<GotifyInfo | undefined> {
    return fetchInfo(this.#setup, options);
  }

  /** Whose client token this is. */
  async currentUser(options: CallOptions = {}): Promise<GotifyUser> {
    return fetchCurrentUser(this.#setup, this.#client(), options);
  }

  /** What the app token is good for. Leaves no trace on the server. */
  async probeAppToken(options: CallOptions = {}): Promise<AppTokenProbe> {
    return probeAppToken(this.#setup, this.#app().token, options);
  }

  /** What the client token is good for. Leaves no trace on the server. */
  async probeClientToken(options: CallOptions = {}): Promise<ClientTokenProbe> {
    return probeClientToken(this.#setup, this.#client().token, options);
  }

  /**
   * Creates a client, and an application unless one of that name exists, with a user's name and
   * password. Needs no token of its own. See {@link BootstrapResult} for what comes back.
   */
  async bootstrap(request: BootstrapRequest, options: CallOptions = {}): Promise<BootstrapResult> {
    return bootstrap(this.#setup, request, options);
  }

  /**
   * Posts a message, with the app token when there is one, otherwise with the client token (Gotify 3).
   * Not idempotent, and never retried here: when it throws, `classifySendFailure` says whether the
   * message may be stored all the same.
   *
   * @returns the stored message, with its id.
   */
  async sendMessage(draft: GotifyMessageDraft, options: CallOptions = {}): Promise<GotifyMessage> {
    const credential = this.#appToken === undefined ? this.#client() : this.#app();
    return sendMessage(this.#setup, credential, draft, options);
  }

  /** One page of stored messages, newest first. Needs a client token. */
  async listMessages(
    query: MessageQuery = {},
    options: CallOptions = {},
  ): Promise<GotifyMessagePage> {
    return listMessages(this.#setup, this.#client(), query, options);
  }

  /** All stored messages page by page, newest first, within the bounds of the query. Needs a client token. */
  readPages(
    query: HistoryQuery = {},
    options: CallOptions = {},
  ): AsyncGenerator<GotifyMessagePage, void, undefined> {
    return readPages((page, bounds) => this.listMessages(page, bounds), query, options);
  }

  /** Deletes a message for every client of the user. Needs a client token. An unknown id throws with status 404. */
  async deleteMessage(id: number, options: CallOptions = {}): Promise<void> {
    return deleteMessage(this.#setup, this.#client(), id, options);
  }

  /** Deletes all messages of one application, in one call. Needs a client token. */
  async deleteApplicationMessages(appId: number, options: CallOptions = {}): Promise<void> {
    return deleteMessages(this.#setup, this.#client(), appId, options);
  }

  /** Deletes **all** messages of the user, in every application, in one call. Needs a client token. */
  async deleteAllMessages(options: CallOptions = {}): Promise<void> {
    return deleteMessages(this.#setup, this.#client(), undefined, options);
  }

  /** The applications of the token's user, in the order the user gave them. Needs a client token. */
  async listApplications(options: CallOptions = {}): Promise<readonly GotifyApplication[]> {
    return listApplications(this.#setup, this.#client(), options);
  }

  /** Creates an application. Names are not unique: look first, and never repeat a creation that timed out. */
  async createApplication(
    settings: ApplicationSettings & { readonly name: string },
    options: CallOptions = {},
  ): Promise<CreatedApplication> {
    return createApplication(this.#setup, this.#client(), settings, options);
  }

  /** Changes what is named and leaves the rest. Another change between its reading and its writing is lost. */
  async updateApplication(
    id: number,
    changes: ApplicationSettings,
    options: CallOptions = {},
  ): Promise<GotifyApplication> {
    return updateApplication(this.#setup, this.#client(), id, changes, options);
  }

  /** Deletes an application with all its messages. On Gotify 3 needs a login or an elevated client. */
  async deleteApplication(id: number, options: ElevatedCallOptions = {}): Promise<void> {
    const { login, ...bounds } = options;
    return deleteApplication(this.#setup, this.#clientOr(login), id, bounds);
  }

  /** Sets the icon. Gotify judges it by its first bytes and by the ending of its name. */
  async uploadApplicationImage(
    id: number,
    image: ApplicationImage,
    options: CallOptions = {},
  ): Promise<GotifyApplication> {
    return uploadApplicationImage(this.#setup, this.#client(), id, image, options);
  }

  /** Goes back to the icon every application starts with; throws with status 400 when it has no other. */
  async deleteApplicationImage(id: number, options: CallOptions = {}): Promise<GotifyApplication> {
    return deleteApplicationImage(this.#setup, this.#client(), id, options);
  }

  /**
   * Replaces an application's token; the old one stops working at once. Gotify 3 only, and needs a
   * login or an elevated client.
   *
   * @returns the new token, which is shown this once.
   */
  async rotateApplicationToken(id: number, options: ElevatedCallOptions = {}): Promise<string> {
    const { login, ...bounds } = options;
    return rotateApplicationToken(this.#setup, this.#clientOr(login), id, bounds);
  }

  /** The clients of the token's user. Needs a client token. */
  async listClients(options: CallOptions = {}): Promise<readonly GotifyClientEntry[]> {
    return listClients(this.#setup, this.#client(), options);
  }

  /** Creates a client. Names are not unique: never repeat a creation that timed out. */
  async createClient(
    settings: ClientSettings & { readonly name: string },
    options: ElevatedCallOptions = {},
  ): Promise<CreatedClient> {
    const { login, ...bounds } = options;
    return createClient(this.#setup, this.#clientOr(login), settings, bounds);
  }

  /** Changes what is named and leaves the rest. */
  async updateClient(
    id: number,
    changes: ClientSettings,
    options: CallOptions = {},
  ): Promise<GotifyClientEntry> {
    return updateClient(this.#setup, this.#client(), id, changes, options);
  }

  /** Deletes a client and ends its streams. On Gotify 3 needs a login or an elevated client. */
  async deleteClient(id: number, options: ElevatedCallOptions = {}): Promise<void> {
    const { login, ...bounds } = options;
    return deleteClient(this.#setup, this.#clientOr(login), id, bounds);
  }

  /** Lets a client delete and rotate for a while. Gotify 3 only, and needs a login or an elevated client. */
  async elevateClient(
    id: number,
    durationSeconds: number,
    options: ElevatedCallOptions = {},
  ): Promise<void> {
    const { login, ...bounds } = options;
    return elevateClient(this.#setup, this.#clientOr(login), id, durationSeconds, bounds);
  }

  /**
   * Opens the stream of everything that is posted for the token's user, from now on. Resolves once the
   * server has proven, by a pong, that nothing is missed any more.
   */
  async openStream(options: GotifyStreamOptions): Promise<GotifyStream> {
    const credential = this.#client();
    // Loaded on first use: whoever only posts needs no WebSocket.
    const { openStream } = await import("./stream.ts");
    return openStream(this.#setup, credential, this.#socketOptions, options);
  }

  #app(): Extract<Credential, { token: string }> {
    if (this.#appToken === undefined) {
      throw new GotifyConfigError(
        "No app token is set. Create an application in Gotify and use its token.",
      );
    }
    return { kind: "app", token: this.#appToken };
  }

  #client(): Extract<Credential, { token: string }> {
    if (this.#clientToken === undefined) {
      throw new GotifyConfigError(
        "No client token is set. Create a client in Gotify and use its token.",
      );
    }
    return { kind: "client", token: this.#clientToken };
  }

  #clientOr(login: GotifyLogin | undefined): Credential {
    return login === undefined ? this.#client() : loginCredential(login);
  }
}

/** A header that cannot be sent is found here: later, its value would stand in somebody else's error. */
function checkedHeaders(
  headers: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const checked = new Headers();
  for (const [name, value] of Object.entries(headers)) {
    if (name.toLowerCase() === "x-gotify-key") {
      throw new GotifyConfigError("X-Gotify-Key carries the token. Use appToken or clientToken.");
    }
    try {
      checked.set(name, value);
    } catch {
      throw new GotifyConfigError(`The header "${name}" cannot be sent. Check its name and value.`);
    }
  }
  // As they will be sent: without the blanks around them, which would hide them from redaction.
  return Object.fromEntries(checked);
}

function optionalToken(token: string | undefined, label: string): string | undefined {
  return token === undefined ? undefined : normalizeToken(token, label);
}
