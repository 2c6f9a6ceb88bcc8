// Owns how application ids are written in the schema. Build time only, like schema.zod.ts.
import { z } from "zod";

/** An application's id. A name would be taken for nobody, silently. */
export const application = z.union([
  z.string().regex(/^(?:gotify:)?(?:app:)?[1-9][0-9]*$/),
  z.number().int().min(1),
]);
/** The same, or every application: in one flat union, because forms show no union within another. */
export const applicationOrAll = z.union([
  z.string().regex(/^(?:\*|(?:gotify:)?(?:app:)?[1-9][0-9]*)$/),
  z.number().int().min(1),
]);
