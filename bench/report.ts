// Owns what a benchmark says: measured value, baseline, ratio or difference, target, and whether it was met.
import { median } from "./numbers.ts";

/** How many messages, rounds and so on. The issue's own numbers are the default. */
export interface Scale {
  readonly rounds: number;
  /** 1 measures what was asked for; less is a quick look. */
  readonly part: number;
}

export interface Line {
  readonly name: string;
  readonly unit: string;
  /** One value for each round. */
  readonly ours: readonly number[];
  readonly bare?: readonly number[];
  /** How the two are compared; without a baseline `ours` stands for itself. */
  readonly compare: "ratio" | "difference" | "alone";
  /** The most that the comparison may give; left out where nothing was asked for. */
  readonly target?: number;
}

const WIDTHS = [38, 34, 34, 24, 10] as const;

export function heading(): string {
  return row(["", "value (median, min..max)", "baseline", "compared (min..max)", "target", "met"]);
}

export function format(line: Line): string {
  const compared = compare(line);
  const target = line.target === undefined ? "" : `<= ${line.target}`;
  const verdict = line.target === undefined ? "" : median(compared) <= line.target ? "yes" : "NO";
  const unit = line.compare === "ratio" ? "x" : line.unit;
  return row([
    line.name,
    `${spread(line.ours)} ${line.unit}`,
    line.bare === undefined ? "-" : `${spread(line.bare)} ${line.unit}`,
    line.compare === "alone" ? "-" : `${spread(compared)} ${unit}`,
    target,
    verdict,
  ]);
}

/** A line for programs. `null`: there is none. */
export interface Result {
  readonly name: string;
  readonly unit: string;
  /** Median of the rounds, like the others. */
  readonly value: number;
  readonly baseline: number | null;
  /** Value by baseline, round by round. */
  readonly ratio: number | null;
  /** The most that is wanted: of the ratio, or of what the name says. */
  readonly target: number | null;
  readonly met: boolean | null;
}

/** What is compared by its difference is told as that, so that value and target are of the same kind. */
export function resultOf(line: Line): Result {
  const { name, unit, ours, bare, target } = line;
  const compared = median(compare(line));
  const isBeyond = line.compare === "difference";
  return {
    name: isBeyond ? `${name.trim()}, beyond the baseline` : name.trim(),
    unit,
    value: isBeyond ? compared : median(ours),
    baseline: bare === undefined ? null : median(bare),
    ratio: bare === undefined ? null : median(compare({ ...line, compare: "ratio" })),
    target: target ?? null,
    met: target === undefined ? null : compared <= target,
  };
}

/** Ours against the bare one of the same round. */
function compare({ ours, bare = [], compare: how }: Line): number[] {
  return ours.map((value, round) => {
    const base = bare[round] ?? Number.NaN;
    if (how === "alone") return value;
    return how === "ratio" ? value / base : value - base;
  });
}

function spread(values: readonly number[]): string {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return `${short(median(values))} (${short(low)}..${short(high)})`;
}

function short(value: number): string {
  if (Math.abs(value) >= 100) return value.toFixed(0);
  return value.toFixed(Math.abs(value) >= 10 ? 1 : 2);
}

function row(cells: readonly string[]): string {
  return cells
    .map((cell, index) => cell.padEnd(WIDTHS[index] ?? 0))
    .join("  ")
    .trimEnd();
}
