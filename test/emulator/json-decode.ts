// Owns reading JSON the way Gotify's server does: same tolerance, same error texts, numbers kept as written.

/** Plain JSON.parse will not do: the server looks at how a number is spelled and says what it stumbled over. */
export type Decoded =
  | { readonly kind: "null" }
  | { readonly kind: "bool"; readonly value: boolean }
  | { readonly kind: "number"; readonly raw: string }
  | { readonly kind: "string"; readonly value: string }
  | { readonly kind: "array"; readonly items: readonly Decoded[] }
  | { readonly kind: "object"; readonly entries: ReadonlyArray<readonly [string, Decoded]> };

export class JsonTextError extends Error {}

/** How many objects and lists may be open at the same time. */
const MAX_DEPTH = 10_000;

/** An object or a list that is being read. */
type Container =
  | { readonly kind: "array"; readonly items: Decoded[] }
  | {
      readonly kind: "object";
      readonly entries: Array<readonly [string, Decoded]>;
      /** Of the member whose value comes next. */
      key: string;
    };

/** Reads one value and, like the server, ignores whatever follows it. */
export function decodeJson(bytes: Uint8Array): Decoded {
  const reader = new Reader(bytes);
  reader.skipBlanks();
  if (reader.atEnd()) throw new JsonTextError("EOF");
  return readValue(reader);
}

class Reader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  atEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  /** The byte at hand as a Latin-1 character: all of JSON's syntax is ASCII. */
  peek(): string {
    const byte = this.#bytes[this.#at];
    if (byte === undefined) throw new JsonTextError("unexpected EOF");
    return String.fromCharCode(byte);
  }

  next(): string {
    const char = this.peek();
    this.#at += 1;
    return char;
  }

  skipBlanks(): void {
    while (!this.atEnd() && " \t\r\n".includes(this.peek())) this.#at += 1;
  }

  fail(context: string): never {
    const char = this.peek();
    throw new JsonTextError(`invalid character ${quoteChar(char)} ${context}`);
  }

  position(): number {
    return this.#at;
  }

  slice(from: number, to: number): Uint8Array {
    return this.#bytes.subarray(from, to);
  }
}

function quoteChar(char: string): string {
  if (char === "'") return String.raw`'\''`;
  if (char === '"') return `'"'`;
  const code = char.charCodeAt(0);
  const named = { 7: "a", 8: "b", 9: "t", 10: "n", 11: "v", 12: "f", 13: "r", 92: "\\" }[code];
  if (named !== undefined) return `'\\${named}'`;
  if (code < 32 || code === 127) return `'\\x${code.toString(16).padStart(2, "0")}'`;
  return `'${char}'`;
}

/** Without recursion: what the server still takes is deeper than the stack here. */
function readValue(reader: Reader): Decoded {
  const open: Container[] = [];
  for (;;) {
    let value = readStart(reader, open);
    while (value !== undefined) {
      const container = open.at(-1);
      if (container === undefined) return value;
      value = readAfterMember(reader, container, value);
      if (value !== undefined) open.pop();
    }
  }
}

/** Undefined when it is an object or a list that has members: the first one's value comes next. */
function readStart(reader: Reader, open: Container[]): Decoded | undefined {
  reader.skipBlanks();
  const char = reader.peek();
  if (char === "{" || char === "[") {
    if (open.length >= MAX_DEPTH) reader.fail("exceeded max depth");
    return readOpening(reader, open, char);
  }
  if (char === '"') return { kind: "string", value: readString(reader) };
  if (char === "-" || isDigit(char)) return { kind: "number", raw: readNumber(reader) };
  if (char === "t") return readLiteral(reader, "true", { kind: "bool", value: true });
  if (char === "f") return readLiteral(reader, "false", { kind: "bool", value: false });
  if (char === "n") return readLiteral(reader, "null", { kind: "null" });
  return reader.fail("looking for beginning of value");
}

function readOpening(reader: Reader, open: Container[], char: "{" | "["): Decoded | undefined {
  const container: Container =
    char === "{" ? { kind: "object", entries: [], key: "" } : { kind: "array", items: [] };
  reader.next();
  reader.skipBlanks();
  if (reader.peek() === closingOf(container)) {
    reader.next();
    return container;
  }
  if (container.kind === "object") container.key = readKey(reader);
  open.push(container);
  return undefined;
}

function closingOf({ kind }: Container): string {
  return kind === "object" ? "}" : "]";
}

function readKey(reader: Reader): string {
  reader.skipBlanks();
  if (reader.peek() !== '"') reader.fail("looking for beginning of object key string");
  const key = readString(reader);
  reader.skipBlanks();
  if (reader.peek() !== ":") reader.fail("after object key");
  reader.next();
  return key;
}

/** Gives back the container when this was its last member. */
function readAfterMember(
  reader: Reader,
  container: Container,
  value: Decoded,
): Decoded | undefined {
  if (container.kind === "object") container.entries.push([container.key, value]);
  else container.items.push(value);
  reader.skipBlanks();
  const after = reader.peek();
  if (after !== "," && after !== closingOf(container)) {
    reader.fail(
      container.kind === "object" ? "after object key:value pair" : "after array element",
    );
  }
  reader.next();
  if (after !== ",") return container;
  if (container.kind === "object") container.key = readKey(reader);
  return undefined;
}

function readLiteral(reader: Reader, word: string, value: Decoded): Decoded {
  reader.next();
  for (const expected of word.slice(1)) {
    if (reader.peek() !== expected) reader.fail(`in literal ${word} (expecting '${expected}')`);
    reader.next();
  }
  return value;
}

function isDigit(char: string): boolean {
  return char >= "0" && char <= "9";
}

function readNumber(reader: Reader): string {
  let raw = "";
  const take = (): void => {
    raw += reader.next();
  };
  const digits = (): void => {
    while (!reader.atEnd() && isDigit(reader.peek())) take();
  };
  const mustHaveDigit = (context: string): void => {
    if (!isDigit(reader.peek())) reader.fail(context);
    digits();
  };
  if (reader.peek() === "-") take();
  if (reader.peek() === "0") take();
  else mustHaveDigit("in numeric literal");
  if (!reader.atEnd() && reader.peek() === ".") {
    take();
    mustHaveDigit("after decimal point in numeric literal");
  }
  if (!reader.atEnd() && "eE".includes(reader.peek())) {
    take();
    if ("+-".includes(reader.peek())) take();
    mustHaveDigit("in exponent of numeric literal");
  }
  return raw;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  "\\": "\\",
  "/": "/",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};

function readString(reader: Reader): string {
  reader.next();
  let text = "";
  let runStart = reader.position();
  const flush = (): void => {
    text += Buffer.from(reader.slice(runStart, reader.position())).toString("utf8");
  };
  for (;;) {
    const char = reader.peek();
    if (char === '"') {
      flush();
      reader.next();
      // A lone surrogate has no place in the server's UTF-8 strings and becomes U+FFFD there.
      return text.toWellFormed();
    }
    if (char === "\\") {
      flush();
      reader.next();
      text += readEscape(reader);
      runStart = reader.position();
      continue;
    }
    if (char < " ") reader.fail("in string literal");
    reader.next();
  }
}

function readEscape(reader: Reader): string {
  const char = reader.peek();
  const plain = ESCAPES[char];
  if (plain !== undefined) {
    reader.next();
    return plain;
  }
  if (char !== "u") reader.fail("in string escape code");
  reader.next();
  let hex = "";
  while (hex.length < 4) {
    if (!/[0-9a-fA-F]/.test(reader.peek()))
      reader.fail(String.raw`in \u hexadecimal character escape`);
    hex += reader.next();
  }
  return String.fromCharCode(Number.parseInt(hex, 16));
}
