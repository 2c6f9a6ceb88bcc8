// Owns tables for people: columns that fit into the terminal, the roomy ones cut first.
import { oneLine } from "../gotify/one-line.ts";
import { cutToWidth, widthOf } from "./text.ts";

export interface Column {
  readonly title: string;
  readonly align?: "right";
  /** May be cut down to so many columns of the terminal. Left out: it is shown as it is. */
  readonly minWidth?: number;
}

const GAP = "  ";

/**
 * A line for the titles and one for each row. A column without any content is left out.
 *
 * @param maxWidth columns of the terminal; `undefined` cuts nothing, for what is read by programs.
 */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  maxWidth: number | undefined,
): readonly string[] {
  const cells = rows.map((row) => columns.map((_, at) => oneLine(row[at] ?? "")));
  const shown = columns.flatMap((column, at) =>
    cells.some((row) => row[at] !== "") ? [{ column, at }] : [],
  );
  const natural = shown.map(({ column, at }) =>
    // Spread into arguments, the rows of a long history would overflow the stack.
    cells.reduce((widest, row) => Math.max(widest, widthOf(row[at] ?? "")), widthOf(column.title)),
  );
  const widths = fitted(
    natural,
    shown.map(({ column }) => column.minWidth),
    maxWidth === undefined ? undefined : maxWidth - GAP.length * (shown.length - 1),
  );
  const line = (texts: readonly string[]): string =>
    shown
      .map(({ column, at }, place) => {
        const width = widths[place] ?? 0;
        const whole = texts[at] ?? "";
        const text = maxWidth === undefined ? whole : cutToWidth(whole, width);
        const padding = " ".repeat(Math.max(0, width - widthOf(text)));
        return column.align === "right" ? padding + text : text + padding;
      })
      .join(GAP)
      .trimEnd();
  return [line(columns.map(({ title }) => title)), ...cells.map(line)];
}

/** The widest column that can be cut gives way first, so that short ones stay whole. */
function fitted(
  natural: readonly number[],
  minimal: readonly (number | undefined)[],
  room: number | undefined,
): readonly number[] {
  if (room === undefined) return natural;
  const widths = natural.map((width, at) =>
    minimal[at] === undefined ? width : Math.min(width, Math.max(room, minimal[at])),
  );
  let excess = widths.reduce((sum, width) => sum + width, 0) - room;
  for (; excess > 0; excess -= 1) {
    let widest: number | undefined;
    for (const [at, width] of widths.entries()) {
      const canShrink = width > (minimal[at] ?? width);
      if (canShrink && (widest === undefined || width > (widths[widest] ?? 0))) widest = at;
    }
    // A terminal this narrow breaks the lines itself.
    if (widest === undefined) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  return widths;
}

/** A time as people write it, in the zone of this machine. */
export function shownTime(date: Date | undefined): string {
  if (date === undefined) return "";
  const day = [date.getFullYear(), twoDigits(date.getMonth() + 1), twoDigits(date.getDate())].join(
    "-",
  );
  return `${day} ${twoDigits(date.getHours())}:${twoDigits(date.getMinutes())}`;
}

function twoDigits(part: number): string {
  return String(part).padStart(2, "0");
}
