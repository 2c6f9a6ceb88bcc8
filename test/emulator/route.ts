// Owns what an endpoint's code gets to see and gives back.
import type { Access, Caller } from "./auth.ts";
import type { Core } from "./core.ts";
import type { Answer, Ask } from "./exchange.ts";
import type { Personality } from "./records.ts";

export interface Visit {
  readonly core: Core;
  readonly ask: Ask;
  /** On an open endpoint nobody in particular, with user 0. */
  readonly caller: Caller;
  /** The id in the path, 0 where the path has none. */
  readonly id: number;
}

export type Handler = (visit: Visit) => Answer | Promise<Answer>;

export interface Route {
  readonly method: string;
  /** `:id` stands for a number, `:file` for a file's path, which its handler reads itself. */
  readonly path: string;
  readonly access: Access;
  /** Set when only one Gotify has this endpoint. */
  readonly only?: Personality;
  readonly handle: Handler;
}
