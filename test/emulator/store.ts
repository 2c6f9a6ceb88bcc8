// Owns what the emulated server has in its database: users, applications, clients and messages, in memory.
import { isAfter, later, type Clock, type Instant } from "./clock.ts";
import type { ApplicationRecord, ClientRecord, MessageRecord, UserRecord } from "./records.ts";
import { sortKeyAfter } from "./sort-keys.ts";

export class DuplicateSortKeyError extends Error {}

export interface NewApplication {
  readonly userId: number;
  readonly storedToken: string;
  readonly name: string;
  readonly description?: string;
  readonly defaultPriority?: bigint;
  readonly sortKey?: string;
}

export interface NewClient {
  readonly userId: number;
  readonly storedToken: string;
  readonly name: string;
  readonly expiresAfterInactivitySeconds?: bigint;
}

export interface StoredImage {
  readonly content: Buffer;
  readonly modified: Instant;
}

/** `before` is the paging cursor: only ids strictly below it, 0 for none. */
export interface MessageRange {
  readonly owner: { readonly userId: number } | { readonly applicationId: number };
  readonly before: bigint;
  readonly limit: number;
}

export class Store {
  readonly #clock: Clock;
  readonly #onCommit: () => void;
  readonly #users = new Map<number, UserRecord>();
  readonly #applications = new Map<number, ApplicationRecord>();
  readonly #clients = new Map<number, ClientRecord>();
  /** By file name. They are files, and so not in the database. */
  readonly #images = new Map<string, StoredImage>();
  /** In ascending order of ids. */
  #messages: MessageRecord[] = [];
  /** Ids are never given out twice, and those of messages run over all users. */
  readonly #lastId = { user: 0, application: 0, client: 0, message: 0 };

  constructor(clock: Clock, onCommit: () => void) {
    this.#clock = clock;
    this.#onCommit = onCommit;
  }

  addUser(name: string, password: string, admin: boolean): UserRecord {
    this.#lastId.user += 1;
    const user = {
      id: this.#lastId.user,
      name,
      password,
      admin,
      createdAt: this.#clock.now(),
    };
    this.#users.set(user.id, user);
    return user;
  }

  users(): readonly UserRecord[] {
    return [...this.#users.values()];
  }

  user(id: number): UserRecord | undefined {
    return this.#users.get(id);
  }

  userByName(name: string): UserRecord | undefined {
    return this.users().find((user) => user.name === name);
  }

  removeUser(id: number): void {
    for (const application of this.applicationsOf(id)) this.removeApplication(application.id);
    for (const client of this.clientsOf(id)) this.removeClient(client.id);
    this.#users.delete(id);
  }

  /** @throws {DuplicateSortKeyError | SortKeyError} */
  addApplication(input: NewApplication): ApplicationRecord {
    const sortKey =
      input.sortKey || sortKeyAfter(this.applicationsOf(input.userId).at(-1)?.sortKey);
    this.#refuseDuplicateSortKey(input.userId, sortKey, undefined);
    this.#lastId.application += 1;
    const application = {
      id: this.#lastId.application,
      userId: input.userId,
      storedToken: input.storedToken,
      name: input.name,
      image: "",
      description: input.description ?? "",
      defaultPriority: input.defaultPriority ?? 0n,
      sortKey,
      createdAt: this.#clock.now(),
      lastUsed: null,
    };
    this.#applications.set(application.id, application);
    return application;
  }

  /** @throws {DuplicateSortKeyError} */
  moveApplication(application: ApplicationRecord, sortKey: string): void {
    this.#refuseDuplicateSortKey(application.userId, sortKey, application.id);
    application.sortKey = sortKey;
  }

  #refuseDuplicateSortKey(userId: number, sortKey: string, except: number | undefined): void {
    const taken = this.applicationsOf(userId).some(
      (other) => other.id !== except && other.sortKey === sortKey,
    );
    if (taken) throw new DuplicateSortKeyError("sort key is not unique");
  }

  application(id: number): ApplicationRecord | undefined {
    return this.#applications.get(id);
  }

  applicationByStoredToken(token: string): ApplicationRecord | undefined {
    return [...this.#applications.values()].find(({ storedToken }) => storedToken === token);
  }

  applicationsOf(userId: number): readonly ApplicationRecord[] {
    return [...this.#applications.values()]
      .filter((application) => application.userId === userId)
      .sort(
        (a, b) => Buffer.compare(Buffer.from(a.sortKey), Buffer.from(b.sortKey)) || a.id - b.id,
      );
  }

  removeApplication(id: number): void {
    this.removeMessagesOf(id);
    this.#applications.delete(id);
  }

  addImage(name: string, content: Buffer): void {
    this.#images.set(name, { content, modified: this.#clock.now() });
  }

  image(name: string): StoredImage | undefined {
    return this.#images.get(name);
  }

  removeImage(name: string): void {
    this.#images.delete(name);
  }

  addClient(input: NewClient): ClientRecord {
    this.#lastId.client += 1;
    const client = {
      id: this.#lastId.client,
      userId: input.userId,
      storedToken: input.storedToken,
      name: input.name,
      createdAt: this.#clock.now(),
      lastUsed: null,
      elevatedUntil: null,
      expiresAfterInactivitySeconds: input.expiresAfterInactivitySeconds ?? 0n,
    };
    this.#clients.set(client.id, client);
    return client;
  }

  client(id: number): ClientRecord | undefined {
    const client = this.#clients.get(id);
    return client !== undefined && this.#isExpired(client) ? undefined : client;
  }

  clientByStoredToken(token: string): ClientRecord | undefined {
    const client = [...this.#clients.values()].find(({ storedToken }) => storedToken === token);
    return client !== undefined && this.#isExpired(client) ? undefined : client;
  }

  clientsOf(userId: number): readonly ClientRecord[] {
    return [...this.#clients.values()].filter(
      (client) => client.userId === userId && !this.#isExpired(client),
    );
  }

  removeClient(id: number): void {
    this.#clients.delete(id);
  }

  /** Undefined when it never expires. */
  expiryOf({
    createdAt,
    lastUsed,
    expiresAfterInactivitySeconds,
  }: ClientRecord): Instant | undefined {
    if (expiresAfterInactivitySeconds === 0n) return undefined;
    return later(lastUsed ?? createdAt, expiresAfterInactivitySeconds);
  }

  /**
   * What the server does every five minutes: clients with an open stream count as used, expired ones are removed. In
   * this order, so one that expired with its stream open works again.
   */
  sweepClients(connected: ReadonlySet<number>): void {
    for (const client of this.#clients.values()) {
      if (connected.has(client.id)) client.lastUsed = this.#clock.now();
      else if (this.#isExpired(client)) this.#clients.delete(client.id);
    }
  }

  /** An expired token stops working at once, long before the server sweeps its row away. */
  #isExpired(client: ClientRecord): boolean {
    const expiry = this.expiryOf(client);
    return expiry !== undefined && !isAfter(expiry, this.#clock.now());
  }

  /** Gives out an id. Nobody sees the message before it is committed. */
  reserveMessage(input: Omit<MessageRecord, "id">): MessageRecord {
    this.#lastId.message += 1;
    return { id: this.#lastId.message, ...input };
  }

  /** A message whose application is gone by now is gone with it. */
  commitMessage(message: MessageRecord): void {
    if (!this.#applications.has(message.applicationId)) return;
    this.#messages.splice(this.#endBefore(BigInt(message.id)), 0, message);
    this.#onCommit();
  }

  /** The next message's id is so much higher than it would have been. */
  skipMessageIds(count: number): void {
    this.#lastId.message += count;
  }

  /** Newest first. */
  page({ owner, before, limit }: MessageRange): readonly MessageRecord[] {
    const page: MessageRecord[] = [];
    for (let at = this.#endBefore(before) - 1; at >= 0 && page.length < limit; at -= 1) {
      const message = this.#messages[at];
      if (message !== undefined && this.#belongsTo(message, owner)) page.push(message);
    }
    return page;
  }

  /** Index of the first message whose id is not below the cursor, by bisection: stores of a bench are long. */
  #endBefore(before: bigint): number {
    if (before === 0n) return this.#messages.length;
    let low = 0;
    let high = this.#messages.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (BigInt(this.#messages[middle]?.id ?? 0) < before) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #belongsTo(message: MessageRecord, owner: MessageRange["owner"]): boolean {
    if ("applicationId" in owner) return message.applicationId === owner.applicationId;
    return this.#applications.get(message.applicationId)?.userId === owner.userId;
  }

  /** Oldest first. */
  messages(): readonly MessageRecord[] {
    return [...this.#messages];
  }

  message(id: number): MessageRecord | undefined {
    return this.#messages.find((message) => message.id === id);
  }

  removeMessage(id: number): void {
    this.#messages = this.#messages.filter((message) => message.id !== id);
  }

  removeMessagesOf(applicationId: number): void {
    this.#messages = this.#messages.filter((message) => message.applicationId !== applicationId);
  }

  /** Leaves the first user, as a server makes it on an empty database, and nothing else. */
  resetAll(): void {
    this.resetMessages();
    this.#applications.clear();
    this.#clients.clear();
    for (const id of [...this.#users.keys()].slice(1)) this.#users.delete(id);
    Object.assign(this.#lastId, { user: 1, application: 0, client: 0 });
  }

  /** Drops every message and starts their ids at 1 again, as a restored or recreated database does. */
  resetMessages(): void {
    this.#messages = [];
    this.#lastId.message = 0;
  }
}
