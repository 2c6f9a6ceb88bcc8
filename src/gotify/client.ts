// Owns the client: one server, its tokens, and a method for each thing Gotify can do.
import {
  createApplication,
  deleteApplication,
  deleteApplicationImage,
  findApplicationByToken,
  findApplicationToken,
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
  callBounds,
  loginCredential,
  type CallOptions,
  type ElevatedCallOptions,
  type GotifyLogin,
} from "./call-options.ts";
import {
  createClient,
  deleteClient,
  elevateClient,
  findClientByToken,
  listClients,
  updateClient,
  type ClientSettings,
  type CreatedClient,
  type GotifyClientEntry,
} from "./clients.ts";
import {
  checkedOptions,
  type CheckedClientOptions,
  type GotifyClientOptions,
} from "./client-options.ts";
import { withDeadline, type Deadline } from "./deadline.ts";
import { readPages, type HistoryQuery } from "./history.ts";
import type { Credential, HttpSetup } from "./http.ts";
import type { GotifyMessage, GotifyMessageDraft } from "./message.ts";
import {
  deleteAllMessages,
  deleteApplicationMessages,
  deleteMessage,
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
import type { GotifyStream, GotifyStreamOptions } from "./stream-options.ts";
import {
  probeAppToken,
  probeClientToken,
  tokenCredential,
  type AppTokenProbe,
  type ClientTokenProbe,
} from "./tokens.ts";
import type { GotifyServerUrl } from "./url.ts";

export type { GotifyClientOptions } from "./client-options.ts";

/**
 * A client for one Gotify server (2.2 and later). Holds no connection of its own and needs no closing;
 * streams it opened do. Tokens travel in the `X-Gotify-Key` header only, and no redirect is followed.
 *
 * Every call takes a signal and one time limit for all of its requests ({@link CallOptions}), is carried
 * out once, and rejects with
 *
 * - a {@link GotifyConfigError} when what was passed in cannot work, or the token it needs is not set;
 * - a {@link GotifyNetworkError} when no answer came, in time or at all;
 * - a {@link GotifyHttpError} when the server, or a proxy in front of it, said no;
 * - a {@link GotifyAnswerError} when what answered is no Gotify, or the answer is too large;
 * - the reason of the signal that stopped it. The methods name only what is particular to them.
 */
export class GotifyClient {
  /** The address as it was checked, and the URLs that follow from it. */
  readonly server: GotifyServerUrl;
  readonly #setup: HttpSetup;
  readonly #socketOptions: CheckedClientOptions["socketOptions"];
  readonly #appToken: string | undefined;
  readonly #clientToken: string | undefined;

  /** @throws {GotifyConfigError} when the address, a token, a header or a limit cannot work. */
  constructor(options: GotifyClientOptions) {
    const { setup, appToken, clientToken, socketOptions } = checkedOptions(options);
    this.server = setup.server;
    this.#setup = setup;
    this.#appToken = appToken;
    this.#clientToken = clientToken;
    this.#socketOptions = socketOptions;
  }

  /** Whether the server and its database are well. Needs no token; a sick server (500) is an answer, not an error. */
  async health(options: CallOptions = {}): Promise<GotifyHealth> {
    return this.#call(options, (deadline) => fetchHealth(this.#setup, deadline));
  }

  /** The server's version, e.g. `3.0.0`, and what it was built from. Needs no token. */
  async version(options: CallOptions = {}): Promise<GotifyVersion> {
    return this.#call(options, (deadline) => fetchVersion(this.#setup, deadline));
  }

  /** What a Gotify 3 server offers; `undefined` on Gotify 2, which is the cheapest way to tell them apart. Needs no token. */
  async info(options: CallOptions = {}): Promise<GotifyInfo | undefined> {
    return this.#call(options, (deadline) => fetchInfo(this.#setup, deadline));
  }

  /** Whose client token this is. After a stream was lost, a 401 here tells a deleted token from an outage. */
  async currentUser(options: CallOptions = {}): Promise<GotifyUser> {
    return this.#call(options, (deadline) =>
      fetchCurrentUser(this.#setup, this.#client(), deadline),
    );
  }

  /** What the app token is good for, told by two requests that leave no trace. A server that is down throws. */
  async probeAppToken(options: CallOptions = {}): Promise<AppTokenProbe> {
    return this.#call(options, (deadline) =>
      probeAppToken(this.#setup, this.#app().token, deadline),
    );
  }

  /** What the client token is good for, told by at most two requests that leave no trace. A server that is down throws. */
  async probeClientToken(options: CallOptions = {}): Promise<ClientTokenProbe> {
    return this.#call(options, (deadline) =>
      probeClientToken(this.#setup, this.#client().token, deadline),
    );
  }

  /**
   * Creates a client, and an application unless one of that name exists, with a user's name and
   * password. Needs no token of its own. See {@link BootstrapResult} for what comes back.
   *
   * @throws {GotifyConfigError} also when several applications share the name. Whatever it throws, the
   * new client is removed again, or named in the error; not in the reason of an abort.
   */
  async bootstrap(request: BootstrapRequest, options: CallOptions = {}): Promise<BootstrapResult> {
    return this.#call(options, (deadline) => bootstrap(this.#setup, request, deadline));
  }

  /**
   * Posts a message, with the app token when there is one, otherwise with the client token (Gotify 3).
   * Not idempotent, and never retried here: when it throws, `classifySendFailure` says whether the
   * message may be stored all the same.
   *
   * @returns the stored message, with its id.
   * @throws {GotifyConfigError} for an empty message, a fractional priority, extras that are no JSON object,
   * and for a draft without `appId` when there is only a client token.
   */
  async sendMessage(draft: GotifyMessageDraft, options: CallOptions = {}): Promise<GotifyMessage> {
    const credential = this.#appToken === undefined ? this.#client() : this.#app();
    return this.#call(options, (deadline) => sendMessage(this.#setup, credential, draft, deadline));
  }

  /**
   * One page of stored messages, newest first. Needs a client token.
   *
   * @throws {GotifyHttpError} with status 400 for a limit that is not 1 to 200, 404 for an unknown application.
   */
  async listMessages(
    query: MessageQuery = {},
    options: CallOptions = {},
  ): Promise<GotifyMessagePage> {
    return this.#call(options, (deadline) =>
      listMessages(this.#setup, this.#client(), query, deadline),
    );
  }

  /**
   * All stored messages page by page, newest first, within the bounds of the query. Needs a client
   * token. `timeoutMs` is for each page, whose size gives way when it is too large or too slow.
   *
   * @throws with the first page what {@link listMessages} throws, and {@link GotifyConfigError} for a query
   * that cannot work.
   */
  async *readPages(
    query: HistoryQuery = {},
    options: CallOptions = {},
  ): AsyncGenerator<GotifyMessagePage, void, undefined> {
    const readPage = (page: MessageQuery, deadline: Deadline): Promise<GotifyMessagePage> =>
      listMessages(this.#setup, this.#client(), page, deadline);
    yield* readPages(readPage, query, callBounds(options, this.#setup.timeoutMs));
  }

  /** Deletes a message for every client of the user. Needs a client token. An unknown id throws with status 404. */
  async deleteMessage(id: number, options: CallOptions = {}): Promise<void> {
    return this.#call(options, (deadline) =>
      deleteMessage(this.#setup, this.#client(), id, deadline),
    );
  }

  /** Deletes all messages of one application, in one call. Needs a client token. An unknown one throws with status 404. */
  async deleteApplicationMessages(appId: number, options: CallOptions = {}): Promise<void> {
    return this.#call(options, (deadline) =>
      deleteApplicationMessages(this.#setup, this.#client(), appId, deadline),
    );
  }

  /** Deletes **all** messages of the user, in every application, in one call. Needs a client token. */
  async deleteAllMessages(options: CallOptions = {}): Promise<void> {
    return this.#call(options, (deadline) =>
      deleteAllMessages(this.#setup, this.#client(), deadline),
    );
  }

  /** The applications of the user, in the order the user gave them. Needs a client token or a login. */
  async listApplications(options: ElevatedCallOptions = {}): Promise<readonly GotifyApplication[]> {
    return this.#call(options, (deadline) =>
      listApplications(this.#setup, this.#clientOr(options.login), deadline),
    );
  }

  /**
   * The token of an application that is there already, for posting when only a client token is at hand:
   * Gotify 2 shows it, and wants it for a post. `undefined` on Gotify 3, which shows a token once and
   * takes posts with the client token instead. An unknown id throws with status 404.
   */
  async findApplicationToken(id: number, options: CallOptions = {}): Promise<string | undefined> {
    return this.#call(options, (deadline) =>
      findApplicationToken(this.#setup, this.#client(), id, deadline),
    );
  }

  /** The application this client's app token belongs to; `undefined` on Gotify 3, which tells it with each post only. Needs both tokens. */
  async ownApplication(options: CallOptions = {}): Promise<GotifyApplication | undefined> {
    return this.#call(options, (deadline) =>
      findApplicationByToken(this.#setup, this.#client(), this.#app().token, deadline),
    );
  }

  /**
   * Creates an application, and returns it with its token. Needs a client token. Names are not unique:
   * look first, and never repeat a creation that timed out.
   */
  async createApplication(
    settings: ApplicationSettings & { readonly name: string },
    options: CallOptions = {},
  ): Promise<CreatedApplication> {
    return this.#call(options, (deadline) =>
      createApplication(this.#setup, this.#client(), settings, deadline),
    );
  }

  /**
   * Changes what is named and leaves the rest. Needs a client token. Gotify replaces everything with each
   * change, so the application is read first; what somebody else changes in between is lost.
   *
   * @throws {GotifyConfigError} when something that was not named cannot be kept, because the server does
   * not tell it in a form that can be sent back; nothing is changed then. {@link GotifyHttpError} with
   * status 404 for an unknown id.
   */
  async updateApplication(
    id: number,
    changes: ApplicationSettings,
    options: CallOptions = {},
  ): Promise<GotifyApplication> {
    return this.#call(options, (deadline) =>
      updateApplication(this.#setup, this.#client(), id, changes, deadline),
    );
  }

  /**
   * Deletes an application with all its messages. On Gotify 3 needs a login or an elevated client (403
   * otherwise). An unknown id throws with status 404, one that belongs to a server plugin with 400.
   */
  async deleteApplication(id: number, options: ElevatedCallOptions = {}): Promise<void> {
    return this.#call(options, (deadline) =>
      deleteApplication(this.#setup, this.#clientOr(options.login), id, deadline),
    );
  }

  /**
   * Sets the icon, and returns the application with its new address. Needs a client token. Gotify judges
   * the picture by its first bytes (400) and by the ending of its name ({@link GotifyConfigError}).
   */
  async uploadApplicationImage(
    id: number,
    image: ApplicationImage,
    options: CallOptions = {},
  ): Promise<GotifyApplication> {
    return this.#call(options, (deadline) =>
      uploadApplicationImage(this.#setup, this.#client(), id, image, deadline),
    );
  }

  /** Goes back to the icon every application starts with; throws with status 400 when it has no other. Needs a client token. */
  async deleteApplicationImage(id: number, options: CallOptions = {}): Promise<GotifyApplication> {
    return this.#call(options, (deadline) =>
      deleteApplicationImage(this.#setup, this.#client(), id, deadline),
    );
  }

  /**
   * Replaces an application's token; the old one stops working at once. Gotify 3 only, and needs a
   * login or an elevated client.
   *
   * @returns the new token, which is shown this once.
   * @throws {GotifyHttpError} with status 403 without elevation, 404 on Gotify 2 and for an unknown id.
   */
  async rotateApplicationToken(id: number, options: ElevatedCallOptions = {}): Promise<string> {
    return this.#call(options, (deadline) =>
      rotateApplicationToken(this.#setup, this.#clientOr(options.login), id, deadline),
    );
  }

  /** The clients of the token's user, without their tokens. Needs a client token or a login. */
  async listClients(options: ElevatedCallOptions = {}): Promise<readonly GotifyClientEntry[]> {
    return this.#call(options, (deadline) =>
      listClients(this.#setup, this.#clientOr(options.login), deadline),
    );
  }

  /** The client this client's token belongs to; `undefined` when the server does not tell. Needs a client token. */
  async ownClient(options: CallOptions = {}): Promise<GotifyClientEntry | undefined> {
    return this.#call(options, (deadline) =>
      findClientByToken(this.#setup, this.#client(), deadline),
    );
  }

  /**
   * Creates a client, and returns it with its token. Needs a client token or a login. Names are not
   * unique: never repeat a creation that timed out.
   */
  async createClient(
    settings: ClientSettings & { readonly name: string },
    options: ElevatedCallOptions = {},
  ): Promise<CreatedClient> {
    return this.#call(options, (deadline) =>
      createClient(this.#setup, this.#clientOr(options.login), settings, deadline),
    );
  }

  /**
   * Changes what is named and leaves the rest. Needs a client token.
   *
   * @throws {GotifyConfigError} when the name is neither given nor told by the server, which asks for it
   * with every change. {@link GotifyHttpError} with status 404 for an unknown id.
   */
  async updateClient(
    id: number,
    changes: ClientSettings,
    options: CallOptions = {},
  ): Promise<GotifyClientEntry> {
    return this.#call(options, (deadline) =>
      updateClient(this.#setup, this.#client(), id, changes, deadline),
    );
  }

  /** Deletes a client and ends its streams. On Gotify 3 needs a login or an elevated client (403 otherwise). */
  async deleteClient(id: number, options: ElevatedCallOptions = {}): Promise<void> {
    return this.#call(options, (deadline) =>
      deleteClient(this.#setup, this.#clientOr(options.login), id, deadline),
    );
  }

  /**
   * Lets a client delete and rotate for a while, in whole seconds from now. Gotify 3 only (404 otherwise),
   * and needs a login or an elevated client (403 otherwise).
   */
  async elevateClient(
    id: number,
    durationSeconds: number,
    options: ElevatedCallOptions = {},
  ): Promise<void> {
    return this.#call(options, (deadline) =>
      elevateClient(this.#setup, this.#clientOr(options.login), id, durationSeconds, deadline),
    );
  }

  /**
   * Opens the stream of everything that is posted for the token's user, from now on. Resolves once the
   * server has proven, by the pong to a ping, that nothing is missed any more. Needs a client token. Its
   * time limit is `options.openTimeoutMs`. It never reconnects: see {@link GotifyStream.closed}.
   * @throws {GotifyHttpError} when the handshake is refused, with the likely cause: 401 the token, 400,
   * 403, 404 and 502 most often a proxy.
   */
  async openStream(options: GotifyStreamOptions): Promise<GotifyStream> {
    const credential = this.#client();
    // Loaded on first use: whoever only posts needs no WebSocket.
    const { openStream } = await import("./stream.ts");
    return openStream(this.#setup, credential, this.#socketOptions, options);
  }

  /** One deadline for the whole call, whatever it takes. */
  async #call<T>(options: CallOptions, work: (deadline: Deadline) => Promise<T>): Promise<T> {
    return withDeadline(callBounds(options, this.#setup.timeoutMs), work);
  }

  #app(): Extract<Credential, { token: string }> {
    return tokenCredential("app", this.#appToken);
  }

  #client(): Extract<Credential, { token: string }> {
    return tokenCredential("client", this.#clientToken);
  }

  #clientOr(login: GotifyLogin | undefined): Credential {
    return login === undefined ? this.#client() : loginCredential(login);
  }
}
