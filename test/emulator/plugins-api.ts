// Owns the endpoints about server plugins, of which the emulator has none, like most servers.
import { json, problem } from "./exchange.ts";
import type { Handler } from "./route.ts";

export const listPlugins: Handler = () => json([]);

/** Every other question about one. */
export const unknownPlugin: Handler = () => problem(404, "unknown plugin");
