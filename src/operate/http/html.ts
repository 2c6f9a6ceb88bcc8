// Owns writing HTML: every value is escaped unless it is HTML that was written here.

/** A piece of HTML that is safe to stand in a page. */
export interface Html {
  readonly html: string;
}

type Value = Html | string | number | undefined | false | readonly Html[];

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Texts of others may hold marks that turn the writing of what follows around, or hide it. */
const INVISIBLE = /(?![\t\n])[\p{Cc}\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]/gu;

export function html(parts: TemplateStringsArray, ...values: readonly Value[]): Html {
  return {
    html: parts.reduce((text, part, at) => text + written(values[at - 1]) + part),
  };
}

/** Text that is HTML already: only for what stands in these sources. */
export function trusted(text: string): Html {
  return { html: text };
}

function written(value: Value): string {
  if (value === undefined || value === false) return "";
  if (typeof value === "string") return escaped(value);
  if (typeof value === "number") return String(value);
  return "html" in value ? value.html : value.map((one) => one.html).join("");
}

function escaped(text: string): string {
  return text.replaceAll(INVISIBLE, "").replaceAll(/[&<>"']/gu, (one) => ENTITIES[one] ?? one);
}
