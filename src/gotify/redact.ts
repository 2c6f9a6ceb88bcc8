// Owns keeping secrets out of texts that somebody else wrote, in whatever form they repeat them.

/** Anything shorter is no secret, and would tear holes into ordinary words. */
const MIN_SECRET_LENGTH = 6;
/** What each other form of a character begins with; `+` is a form's space. */
const MAY_ESCAPE = /[\\%+]/;
/** One character of a secret at its longest: three bytes of UTF-8, percent-encoded. */
const MAX_FORM_LENGTH = "%E4%B8%AD".length;

/**
 * The text without the secrets, as they are and as JSON, a URL or a form write them.
 *
 * @param isCut the text goes on where nobody has read it: what may be the beginning of a secret goes too.
 */
export function redact(text: string, secrets: readonly string[], isCut = false): string {
  // The longest first, or the rest of it would stay behind a shorter one that it begins with.
  const parts = partsOf(secrets).sort((a, b) => b.length - a.length);
  // The full pattern takes milliseconds to compile, and most texts hold no escape that it could find.
  const hidden = MAY_ESCAPE.test(text)
    ? parts.map((secret) => Array.from(secret, formsOf).join(""))
    : parts.map((secret) => Array.from(secret, plainForm).join(""));
  const rest =
    hidden.length === 0 ? text : text.replaceAll(new RegExp(hidden.join("|"), "gu"), "…");
  return isCut ? rest.slice(0, Math.max(0, rest.length - longestForm(secrets))) : rest;
}

/** How many characters, or bytes, further than shown a text must be read, so that no secret in it is cut in two. */
export function longestForm(secrets: readonly string[]): number {
  return MAX_FORM_LENGTH * Math.max(0, ...partsOf(secrets).map(({ length }) => length));
}

/** Each secret, and each word of one: of `Bearer x` it is the `x` that counts. */
function partsOf(secrets: readonly string[]): string[] {
  return secrets
    .flatMap((secret) => [secret, ...secret.split(/\s+/)])
    .filter((part) => part.length >= MIN_SECRET_LENGTH);
}

/** A pattern for one character: as it is, behind a backslash, as JSON's `\u002f`, and as a URL's `%2F`. */
function formsOf(character: string): string {
  const plain = plainForm(character);
  const units = Array.from({ length: character.length }, (_, at) =>
    character.charCodeAt(at).toString(16).padStart(4, "0"),
  );
  const json = units.map((unit) => `\\\\u${anyCase(unit)}`).join("");
  const short = JSON.stringify(character).slice(1, -1);
  const escaped = /^\\[a-z]$/.test(short) ? `|\\\\${short.slice(1)}` : "";
  const url = Buffer.from(character).toString("hex").replace(/../g, "%$&");
  return `(?:\\\\?${plain}|${json}${escaped}|${anyCase(url)}${character === " " ? "|\\+" : ""})`;
}

function plainForm(character: string): string {
  return `\\u{${character.codePointAt(0)?.toString(16)}}`;
}

function anyCase(hex: string): string {
  return hex.replace(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`);
}
