// Owns the shapes of what the emulator stores.
import type { Instant } from "./clock.ts";
import type { Json } from "./json-encode.ts";

/** Which Gotify is played: 2.9.1 or 3.0.0. */
export type Personality = "v2" | "v3";

export interface UserRecord {
  readonly id: number;
  name: string;
  password: string;
  admin: boolean;
  readonly createdAt: Instant;
}

export interface ApplicationRecord {
  readonly id: number;
  readonly userId: number;
  /** As stored. On Gotify 3 the public half of a new token, which is no credential. */
  storedToken: string;
  name: string;
  /** The name of its file, or empty. */
  image: string;
  description: string;
  defaultPriority: bigint;
  sortKey: string;
  readonly createdAt: Instant;
  lastUsed: Instant | null;
}

export interface ClientRecord {
  readonly id: number;
  readonly userId: number;
  /** As stored; see ApplicationRecord. */
  readonly storedToken: string;
  name: string;
  readonly createdAt: Instant;
  lastUsed: Instant | null;
  elevatedUntil: Instant | null;
  /** 0: never expires. Gotify 3 only. */
  expiresAfterInactivitySeconds: bigint;
}

export interface MessageRecord {
  readonly id: number;
  readonly applicationId: number;
  readonly title: string;
  readonly message: string;
  readonly priority: bigint;
  readonly extras: ReadonlyMap<string, Json>;
  readonly date: Instant;
}
