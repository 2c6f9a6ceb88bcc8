// Owns what a test can do to the emulator without a request: make users, applications, clients and messages.
import type { Core } from "./core.ts";
import { deliver } from "./delivery.ts";
import { storedMessage, type StoredMessage } from "./inspection.ts";
import { toFreeMap, type Json } from "./json-encode.ts";
import { createToken, storedFormOf, type NewToken, type TokenKind } from "./tokens.ts";

export interface Credentials {
  readonly id: number;
  readonly token: string;
}

export interface MessageDraft {
  readonly appid: number;
  readonly message: string;
  /** Default: the application's name. */
  readonly title?: string;
  /** Default: the application's. */
  readonly priority?: number;
  readonly extras?: Readonly<Record<string, Json>>;
}

export interface Shortcuts {
  /** A second user who is no admin. The password defaults to the name. */
  createUser(name: string, password?: string): { id: number; name: string; password: string };
  /** Of the first user unless told otherwise. A token may be given, e.g. one that an older server made. */
  createApplication(
    name: string,
    options?: { userId?: number; token?: string; defaultPriority?: number },
  ): Credentials;
  createClient(
    name: string,
    options?: { userId?: number; token?: string; expiresAfterInactivitySeconds?: number },
  ): Credentials;
  /** Ends the client's streams, as the real deletion does. */
  deleteClient(id: number): void;
  deleteApplication(id: number): void;
  deleteMessage(id: number): void;
  /**
   * What the server does by itself every five minutes: clients with an open stream count as used, expired ones without
   * are removed. Their tokens have stopped working before.
   */
  sweepClients(): void;
  /** Stores and streams a message, as a post by somebody else. */
  push(draft: MessageDraft): StoredMessage;
}

const FIRST_USER_ID = 1;

export function createShortcuts(core: Core, onChange: () => void): Shortcuts {
  const { store, streams, personality } = core;
  const tokenFor = (kind: TokenKind, given: string | undefined): NewToken =>
    given === undefined
      ? createToken(personality, kind)
      : { secret: given, stored: storedFormOf(personality, given, core.clock.now()) ?? given };
  return {
    createUser(name, password = name) {
      const { id } = store.addUser(name, password, false);
      return { id, name, password };
    },
    createApplication(name, { userId = FIRST_USER_ID, token, defaultPriority = 0 } = {}) {
      const { secret, stored } = tokenFor("application", token);
      const { id } = store.addApplication({
        userId,
        storedToken: stored,
        name,
        defaultPriority: BigInt(defaultPriority),
      });
      return { id, token: secret };
    },
    createClient(name, { userId = FIRST_USER_ID, token, expiresAfterInactivitySeconds = 0 } = {}) {
      const { secret, stored } = tokenFor("client", token);
      const { id } = store.addClient({
        userId,
        storedToken: stored,
        name,
        expiresAfterInactivitySeconds: BigInt(expiresAfterInactivitySeconds),
      });
      return { id, token: secret };
    },
    deleteClient(id) {
      streams.closeClient(id);
      store.removeClient(id);
    },
    deleteApplication(id) {
      store.removeImage(store.application(id)?.image ?? "");
      store.removeApplication(id);
    },
    sweepClients: () => store.sweepClients(streams.connectedClients()),
    deleteMessage: (id) => store.removeMessage(id),
    push(draft) {
      const application = store.application(draft.appid);
      if (application === undefined) throw new Error(`no application ${draft.appid}`);
      const { message, done } = deliver(core, {
        applicationId: application.id,
        title: draft.title ?? application.name,
        message: draft.message,
        priority:
          draft.priority === undefined ? application.defaultPriority : BigInt(draft.priority),
        extras: toFreeMap(draft.extras ?? {}),
        date: core.clock.now(),
      });
      // A stream that went away is the trouble of whoever posts; this is no post.
      void done.catch(() => {}).then(onChange);
      onChange();
      return storedMessage(message);
    },
  };
}
