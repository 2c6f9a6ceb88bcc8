// Owns turning a request's body or query into typed fields, with the server's validation texts.
import { decodeJson, JsonTextError, type Decoded } from "./json-decode.ts";
import { dateProblem } from "./go-date.ts";
import { foldName, quoteText, trimBlanks } from "./go-text.ts";
import { freeMembers } from "./json-free.ts";
import type { Json } from "./json-encode.ts";

/** A 400 that the caller gets to read. */
export class BindingError extends Error {}

/** The real server's handler dies of this request: a 500 with nothing said. */
export class HandlerPanic extends Error {}

/** `date` is looked at and not kept. */
export type FieldType = "string" | "int" | "uint" | "bool" | "map" | "date";

export interface Field {
  readonly name: string;
  readonly type: FieldType;
  /** Must be there and not empty, zero or null. */
  readonly required?: boolean;
  /** False: only JSON has it. */
  readonly inForms?: boolean;
  /** A null after a value takes the value back; to other fields a null is nothing. Maps are so without saying. */
  readonly nullable?: boolean;
}

/** What a request may carry. The name of the server's own type shows in its error texts. */
export interface Shape {
  readonly goType: string;
  readonly fields: readonly Field[];
  /** The server's handler is not ready for a request that says nothing at all. */
  readonly isPointer?: boolean;
}

type Value = string | bigint | boolean | ReadonlyMap<string, Json>;

/** Fields by name. A field that was absent or null is undefined. */
export class Bound {
  readonly #values: ReadonlyMap<string, Value>;

  constructor(values: ReadonlyMap<string, Value>) {
    this.#values = values;
  }

  text(name: string): string | undefined {
    const value = this.#values.get(name);
    return typeof value === "string" ? value : undefined;
  }

  integer(name: string): bigint | undefined {
    const value = this.#values.get(name);
    return typeof value === "bigint" ? value : undefined;
  }

  flag(name: string): boolean {
    return this.#values.get(name) === true;
  }

  map(name: string): ReadonlyMap<string, Json> {
    const value = this.#values.get(name);
    return value instanceof Map ? value : new Map<string, Json>();
  }

  require(fields: readonly Field[]): void {
    const missing = fields.filter(({ name, required }) => {
      const value = this.#values.get(name);
      return required === true && (value === undefined || value === "" || value === 0n);
    });
    if (missing.length === 0) return;
    throw new BindingError(missing.map(({ name }) => `Field '${name}' is required`).join("; "));
  }
}

const INT_MAX = 2n ** 63n - 1n;
const INT_MIN = -(2n ** 63n);
const UINT_MAX = 2n ** 64n - 1n;

/** @throws {BindingError} */
export function bindJson(shape: Shape, body: Uint8Array): Bound {
  const values = new Map<string, Value>();
  // The text is read to its end before any field is looked at, but only the first misfit is reported.
  const root = decodeText(body);
  if (root.kind === "null" && shape.isPointer === true) throw new HandlerPanic();
  if (root.kind !== "null") {
    if (root.kind !== "object") {
      throw new BindingError(
        `json: cannot unmarshal ${root.kind} into Go value of type ${shape.goType}`,
      );
    }
    const members = root.entries.flatMap(([key, value]) => {
      const field = fieldOf(shape, key);
      return field === undefined ? [] : [[field, value] as const];
    });
    // A bad date ends the reading, while of other misfits the first one is kept for the end.
    for (const [{ type }, value] of members) if (type === "date") checkDate(value);
    for (const [field, value] of members) setFromJson(shape, field, value, values);
  }
  return checked(shape, values);
}

function decodeText(body: Uint8Array): Decoded {
  try {
    return decodeJson(body);
  } catch (error) {
    if (error instanceof JsonTextError) throw new BindingError(error.message, { cause: error });
    throw error;
  }
}

function fieldOf({ fields }: Shape, key: string): Field | undefined {
  return (
    fields.find(({ name }) => name === key) ??
    fields.find(({ name }) => foldName(name) === foldName(key))
  );
}

function checkDate(value: Decoded): void {
  if (value.kind === "null") return;
  const problem = dateProblem(value.kind === "string" ? value.value : undefined);
  if (problem !== undefined) throw new BindingError(problem);
}

/** A name may come more than once. */
function setFromJson(shape: Shape, field: Field, value: Decoded, values: Map<string, Value>): void {
  if (value.kind === "null") {
    if (field.nullable === true || field.type === "map") values.delete(field.name);
  } else if (field.type !== "date") {
    const earlier = values.get(field.name);
    const next = fieldFromJson(shape, field, value);
    // Two maps become one; within it the later value of a name counts.
    const isMerged = earlier instanceof Map && next instanceof Map;
    values.set(field.name, isMerged ? new Map([...earlier, ...next]) : next);
  }
}

function fieldFromJson(shape: Shape, field: Field, value: Decoded): Value {
  if (field.type === "string" && value.kind === "string") return value.value;
  if (field.type === "bool" && value.kind === "bool") return value.value;
  if (field.type === "map" && value.kind === "object") {
    return freeMembers(value.entries, (raw) => misfit(shape, field, `number ${raw}`, "float64"));
  }
  if ((field.type === "int" || field.type === "uint") && value.kind === "number") {
    const integer = parseInteger(value.raw, field.type);
    return typeof integer === "bigint"
      ? integer
      : misfit(shape, field, `number ${value.raw}`, field.type);
  }
  const goType = field.type === "map" ? "map[string]interface {}" : field.type;
  return misfit(shape, field, value.kind, goType);
}

function misfit(shape: Shape, field: Field, what: string, into: string): never {
  const struct = shape.goType.slice(shape.goType.indexOf(".") + 1);
  throw new BindingError(
    `json: cannot unmarshal ${what} into Go struct field ${struct}.${field.name} of type ${into}`,
  );
}

/** Form and query values. `trim`: the framework of Gotify 3 cuts blanks around a value, that of Gotify 2 does not. */
export function bindForm(shape: Shape, form: URLSearchParams | FormData, trim: boolean): Bound {
  const values = new Map<string, Value>();
  for (const field of shape.fields) {
    const { type } = field;
    if (type === "map" || type === "date" || field.inForms === false) continue;
    const all: ReadonlyArray<string | File> = form.getAll(field.name);
    if (all.some((value) => typeof value !== "string")) {
      throw new BindingError("unsupported field type for multipart.FileHeader");
    }
    const [raw] = all;
    if (typeof raw !== "string") continue;
    if (type === "string") values.set(field.name, raw);
    else values.set(field.name, fieldFromForm(type, trim ? trimBlanks(raw) : raw));
  }
  if (shape.isPointer === true && values.size === 0) throw new HandlerPanic();
  return checked(shape, values);
}

/** Fields from a body that is nothing but these. Blanks around a number are cut, of a text they are part. */
export function bindTexts(
  shape: Shape,
  texts: ReadonlyArray<readonly [field: Field, text: string]>,
): Bound {
  const values = new Map<string, Value>();
  for (const [{ name, type }, text] of texts) {
    if (type === "string") values.set(name, text);
    else if (type !== "map" && type !== "date") values.set(name, fieldFromForm(type, text.trim()));
  }
  return checked(shape, values);
}

function fieldFromForm(type: "int" | "uint" | "bool", raw: string): bigint | boolean {
  if (type === "bool") {
    if (["1", "t", "T", "TRUE", "true", "True"].includes(raw)) return true;
    if (["", "0", "f", "F", "FALSE", "false", "False"].includes(raw)) return false;
    throw new BindingError(`strconv.ParseBool: parsing ${quoteText(raw)}: invalid syntax`);
  }
  const integer = parseInteger(raw === "" ? "0" : raw, type);
  if (typeof integer === "bigint") return integer;
  const parser = type === "int" ? "ParseInt" : "ParseUint";
  throw new BindingError(`strconv.${parser}: parsing ${quoteText(raw)}: ${integer}`);
}

function parseInteger(raw: string, type: "int" | "uint"): bigint | string {
  const pattern = type === "int" ? /^[+-]?\d+$/ : /^\d+$/;
  if (!pattern.test(raw)) return "invalid syntax";
  const value = BigInt(raw.replace(/^\+/, ""));
  const fits = type === "int" ? value >= INT_MIN && value <= INT_MAX : value <= UINT_MAX;
  return fits ? value : "value out of range";
}

function checked(shape: Shape, values: ReadonlyMap<string, Value>): Bound {
  const bound = new Bound(values);
  bound.require(shape.fields);
  return bound;
}

/** An id in a path; undefined when it is none. Too large for any id the emulator gives out is still an id. */
export function parseId(raw: string): number | undefined {
  const id = parseInteger(raw, "uint");
  return typeof id === "bigint" ? Number(id) : undefined;
}
