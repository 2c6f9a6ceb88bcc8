// Owns the colours of the pages, for light and dark, as values that a test can measure.

export interface Palette {
  readonly background: string;
  readonly card: string;
  readonly text: string;
  readonly muted: string;
  readonly line: string;
  readonly link: string;
  readonly goodText: string;
  readonly goodFill: string;
  readonly warningText: string;
  readonly warningFill: string;
  readonly badText: string;
  readonly badFill: string;
  readonly offText: string;
  readonly offFill: string;
  readonly barIn: string;
  readonly barOut: string;
}

export const LIGHT: Palette = {
  background: "#f5f6f8",
  card: "#ffffff",
  text: "#1b212c",
  muted: "#566072",
  line: "#e1e5eb",
  link: "#1f5fc4",
  goodText: "#17633a",
  goodFill: "#e4f4ea",
  warningText: "#764600",
  warningFill: "#fcf0d6",
  badText: "#9c1f17",
  badFill: "#fdebe9",
  offText: "#4f5868",
  offFill: "#eaedf1",
  barIn: "#3b78dd",
  barOut: "#10907b",
};

export const DARK: Palette = {
  background: "#0f1217",
  card: "#181c23",
  text: "#e7eaf0",
  muted: "#a0a9b8",
  line: "#2a303b",
  link: "#8ab4ff",
  goodText: "#7fdaa2",
  goodFill: "#15301f",
  warningText: "#f0c36e",
  warningFill: "#342810",
  badText: "#ff9f96",
  badFill: "#3c1d1a",
  offText: "#b3bbc9",
  offFill: "#252b36",
  barIn: "#6fa1f7",
  barOut: "#3fc0a6",
};

/** What text stands on what: each pair must be readable. */
export const READ_ON: readonly (readonly [text: keyof Palette, ground: keyof Palette])[] = [
  ["text", "background"],
  ["text", "card"],
  ["muted", "background"],
  ["muted", "card"],
  ["link", "background"],
  ["link", "card"],
  ["goodText", "goodFill"],
  ["warningText", "warningFill"],
  ["badText", "badFill"],
  ["offText", "offFill"],
  ["text", "warningFill"],
  ["text", "badFill"],
];

export function variables(palette: Palette): string {
  return Object.entries(palette)
    .map(
      ([name, value]) =>
        `--${name.replaceAll(/[A-Z]/g, (one) => `-${one.toLowerCase()}`)}:${value}`,
    )
    .join(";");
}
