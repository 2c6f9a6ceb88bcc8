// Owns what every part of one emulated server shares.
import type { Clock } from "./clock.ts";
import type { Faults } from "./faults.ts";
import type { MessageRecord, Personality } from "./records.ts";
import type { Store } from "./store.ts";

/** The streams, as the REST side sees them. */
export interface Notifier {
  /** @throws {OutletGoneError} by its promise. */
  notify(userId: number, message: MessageRecord): Promise<void>;
  closeClient(clientId: number): void;
  closeUser(userId: number): void;
  connectedClients(): ReadonlySet<number>;
}

export interface Core {
  readonly personality: Personality;
  readonly clock: Clock;
  readonly store: Store;
  readonly faults: Faults;
  readonly streams: Notifier;
  /** Whether anybody may make a user. */
  readonly registration: boolean;
}
