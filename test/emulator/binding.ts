// Owns turning a request's body or query into typed fields, with the server's validation texts.
import { decodeJson, JsonTextError, type Decoded } from "./json-decode.ts";
import type { Json } from "./json-encode.ts";

/** A 400 that the caller gets to read. */
export class BindingError extends Error {}

/** The real server's handler dies of this request: a 500 with nothing said. */
export class HandlerPanic extends Error {}

export type FieldType = "string" | "int" | "uint" | "bool" | "map";

export interface Field {
  readonly name: string;
  readonly type: FieldType;
  /** Must be there and not empty, zero or null. */
  readonly required?: boolean;
  /** False: only JSON has it. */
  readonly inForms?: boolean;
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
    for (const [key, value] of root.entries) {
      const field =
        shape.fields.find(({ name }) => name === key) ??
        shape.fields.find(({ name }) => name.toLowerCase() === key.toLowerCase());
      if (field === undefined || value.kind === "null") continue;
      values.set(field.name, fieldFromJson(shape, field, value));
    }
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

function fieldFromJson(shape: Shape, field: Field, value: Decoded): Value {
  if (field.type === "string" && value.kind === "string") return value.value;
  if (field.type === "bool" && value.kind === "bool") return value.value;
  if (field.type === "map" && value.kind === "object") {
    return toMap(value.entries, (raw) => misfit(shape, field, `number ${raw}`, "float64"));
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

/** Free JSON passes through doubles, as in the server: integers beyond 2^53 lose digits. */
function toJson(value: Decoded, refuse: (raw: string) => never): Json {
  switch (value.kind) {
    case "null":
      return null;
    case "bool":
    case "string":
      return value.value;
    case "array":
      return value.items.map((item) => toJson(item, refuse));
    case "object":
      return toMap(value.entries, refuse);
    case "number": {
      const number = Number(value.raw);
      return Number.isFinite(number) ? number : refuse(value.raw);
    }
  }
}

function toMap(
  entries: ReadonlyArray<readonly [string, Decoded]>,
  refuse: (raw: string) => never,
): ReadonlyMap<string, Json> {
  return new Map(entries.map(([key, value]) => [key, toJson(value, refuse)] as const));
}

/** Form and query values. `trim`: the framework of Gotify 3 cuts blanks around a value, that of Gotify 2 does not. */
export function bindForm(shape: Shape, form: URLSearchParams | FormData, trim: boolean): Bound {
  const values = new Map<string, Value>();
  for (const field of shape.fields) {
    if (field.type === "map" || field.inForms === false) continue;
    const all: ReadonlyArray<string | File> = form.getAll(field.name);
    if (all.some((value) => typeof value !== "string")) {
      throw new BindingError("unsupported field type for multipart.FileHeader");
    }
    const [raw] = all;
    if (typeof raw !== "string") continue;
    if (field.type === "string") values.set(field.name, raw);
    else values.set(field.name, fieldFromForm(field.type, trim ? raw.trim() : raw));
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
    else if (type !== "map") values.set(name, fieldFromForm(type, text.trim()));
  }
  return checked(shape, values);
}

function fieldFromForm(type: "int" | "uint" | "bool", raw: string): bigint | boolean {
  if (type === "bool") {
    if (["1", "t", "T", "TRUE", "true", "True"].includes(raw)) return true;
    if (["", "0", "f", "F", "FALSE", "false", "False"].includes(raw)) return false;
    throw new BindingError(`strconv.ParseBool: parsing ${JSON.stringify(raw)}: invalid syntax`);
  }
  const integer = parseInteger(raw === "" ? "0" : raw, type);
  if (typeof integer === "bigint") return integer;
  const parser = type === "int" ? "ParseInt" : "ParseUint";
  throw new BindingError(`strconv.${parser}: parsing ${JSON.stringify(raw)}: ${integer}`);
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
