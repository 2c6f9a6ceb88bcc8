// Owns reading a date the way Go does, as far as it shows: whether it is one, and the words for what is none.
import { quoteText } from "./go-text.ts";

const LAYOUT = "2006-01-02T15:04:05Z07:00";

/** The pieces of the layout in their order, and what each of them takes. */
const PIECES: ReadonlyArray<readonly [layout: string, pattern: RegExp]> = [
  ["2006", /^\d{4}/],
  ["-", /^-/],
  ["01", /^\d\d/],
  ["-", /^-/],
  ["02", /^\d\d/],
  ["T", /^T/],
  ["15", /^\d\d/],
  [":", /^:/],
  ["04", /^\d\d/],
  [":", /^:/],
  ["05", /^\d\d(\.\d+)?/],
  ["Z07:00", /^(Z|[+-]\d\d:\d\d)/],
];

/** Undefined: it is a date. `text` is undefined when it is no text at all. */
export function dateProblem(text: string | undefined): string | undefined {
  if (text === undefined) return "Time.UnmarshalJSON: input is not a JSON string";
  const about = `parsing time ${quoteText(text)}`;
  let rest = text;
  const taken: string[] = [];
  for (const [layout, pattern] of PIECES) {
    const [piece] = pattern.exec(rest) ?? [];
    if (piece === undefined) {
      return `${about} as "${LAYOUT}": cannot parse ${quoteText(rest)} as "${layout}"`;
    }
    taken.push(piece);
    rest = rest.slice(piece.length);
  }
  if (rest !== "") return `${about}: extra text: ${quoteText(rest)}`;
  const part = outOfRange(taken);
  return part === undefined ? undefined : `${about}: ${part} out of range`;
}

function outOfRange(taken: readonly string[]): string | undefined {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = taken
    .filter((_piece, at) => at % 2 === 0)
    .map((piece) => Math.floor(Number(piece)));
  const days = new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate();
  if (month < 1 || month > 12) return "month";
  if (hour > 23) return "hour";
  if (minute > 59) return "minute";
  if (second > 59) return "second";
  return day < 1 || day > days ? "day" : undefined;
}
