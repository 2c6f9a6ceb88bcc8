// Owns how a secret may be written in the configuration, at build time: the text, or the host's reference to one.
import { z } from "zod";
import type { SecretInput } from "./types.ts";

/** The host's own grammar, so that what it would refuse later fails `openclaw config validate` already. */
const provider = z.string().regex(/^[a-z][a-z0-9_-]{0,63}$/);
const variable = z.string().regex(/^[A-Z][A-Z0-9_]{0,127}$/);
/** A JSON pointer into the file, or `value` where the file holds one secret. */
const pointer = z.string().regex(/^(?:value|\/(?:[^~]|~[01])*)$/);
/** No part of it between slashes is `.` or `..`. */
const name = z.string().regex(/^(?!(?:.*\/)?\.{1,2}(?:\/|$))[A-Za-z0-9][A-Za-z0-9._:/#-]{0,255}$/);

/** One object for each source, which is what the host's Control UI takes for a reference. */
const reference = z.discriminatedUnion("source", [
  z.strictObject({ source: z.literal("env"), provider, id: variable }),
  z.strictObject({ source: z.literal("store"), provider, id: variable }),
  z.strictObject({ source: z.literal("file"), provider, id: pointer }),
  z.strictObject({ source: z.literal("exec"), provider, id: name }),
]);

/** Wherever a secret is expected. */
export const secretInput = z.union([z.string(), reference]) satisfies z.ZodType<SecretInput>;
