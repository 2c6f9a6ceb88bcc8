// Owns what a test can look up in the emulator without a request.
import { formatInstant } from "./clock.ts";
import type { Json } from "./json-encode.ts";
import type { SeenRequest } from "./server.ts";
import type { Store } from "./store.ts";
import type { Streams } from "./streams.ts";

/** A message as REST and the stream show it. */
export interface StoredMessage {
  readonly id: number;
  readonly appid: number;
  readonly title: string;
  readonly message: string;
  readonly priority: number;
  readonly extras: Readonly<Record<string, unknown>> | undefined;
  readonly date: string;
}

export interface Inspection {
  /** All stored messages of all users, oldest first. */
  messages(): readonly StoredMessage[];
  applications(): ReadonlyArray<{ readonly id: number; readonly name: string }>;
  clients(): ReadonlyArray<{ readonly id: number; readonly name: string }>;
  /** Sockets that get messages: accepted and registered. */
  streamCount(): number;
  /** The latest 1,000 requests and handshakes, oldest first. */
  requests(): readonly SeenRequest[];
  /** Drops all messages and lets their ids start at 1 again, as a database restored from nothing. */
  resetMessages(): void;
  /** A server on a new, empty database: no applications, clients, messages or further users, ids from 1, streams cut. */
  resetAll(): void;
  /** The next message's id is higher by `count` than it would have been, as after a database's crash. */
  skipMessageIds(count: number): void;
}

const KEPT_REQUESTS = 1000;

export function createInspection(
  store: Store,
  streams: Streams,
): Inspection & { note(seen: SeenRequest): void } {
  const requests: SeenRequest[] = [];
  const userIds = (): number[] => store.users().map(({ id }) => id);
  return {
    messages: () => store.messages().map(storedMessage),
    applications: () =>
      userIds()
        .flatMap((id) => store.applicationsOf(id))
        .map(({ id, name }) => ({ id, name })),
    clients: () =>
      userIds()
        .flatMap((id) => store.clientsOf(id))
        .map(({ id, name }) => ({ id, name })),
    streamCount: () => streams.count(),
    requests: () => [...requests],
    resetMessages: () => store.resetMessages(),
    resetAll() {
      store.resetAll();
      streams.cutAll();
    },
    skipMessageIds: (count) => store.skipMessageIds(count),
    note(seen) {
      requests.push(seen);
      if (requests.length > KEPT_REQUESTS) requests.shift();
    },
  };
}

export function storedMessage(record: ReturnType<Store["messages"]>[number]): StoredMessage {
  return {
    id: record.id,
    appid: record.applicationId,
    title: record.title,
    message: record.message,
    priority: Number(record.priority),
    extras: record.extras.size === 0 ? undefined : plainMembers(record.extras),
    date: formatInstant(record.date),
  };
}

function plainMembers(map: ReadonlyMap<string, Json>): Record<string, unknown> {
  return Object.fromEntries([...map].map(([key, value]) => [key, plain(value)]));
}

function plain(value: Json | undefined): unknown {
  if (value instanceof Map) return plainMembers(value);
  if (Array.isArray(value)) return value.map(plain);
  return value;
}
