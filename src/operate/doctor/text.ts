// Owns how a report of the doctor reads in a terminal of 80 columns: account by account, what is wrong with its remedy below.
import { oneLine } from "../../gotify/one-line.ts";
import type { DoctorReport, Finding, FindingLevel } from "./report.ts";

const COLUMNS = 80;
/** Told apart without any colour. */
const MARKS: Readonly<Record<FindingLevel, string>> = {
  ok: "✓ ok       ",
  warning: "! warning  ",
  error: "✗ error    ",
};
const INDENT = "  ";
const FIX = "→ ";

export function reportLines(report: DoctorReport): readonly string[] {
  const accounts = [...new Set(report.findings.map(({ account }) => account))];
  const lines = accounts.flatMap((account) => [
    account === undefined ? "Installation" : `Account ${oneLine(account)}`,
    ...report.findings.filter((finding) => finding.account === account).flatMap(findingLines),
    "",
  ]);
  return [...lines, summary(report)];
}

function findingLines({ level, message, fix }: Finding): string[] {
  const start = INDENT + MARKS[level];
  const blank = " ".repeat(start.length);
  return [
    ...wrapped(oneLine(message), start, blank),
    ...(fix === undefined || fix === ""
      ? []
      : wrapped(oneLine(fix), blank + FIX, blank + " ".repeat(FIX.length))),
  ];
}

/** A word that is longer than a line stays whole: it is an address or a command, to be copied. */
function wrapped(text: string, first: string, further: string): string[] {
  const lines: string[] = [];
  let line = first;
  let isEmpty = true;
  for (const word of text.split(" ")) {
    const next = isEmpty ? line + word : `${line} ${word}`;
    if (!isEmpty && Array.from(next).length > COLUMNS) {
      lines.push(line);
      line = further + word;
    } else line = next;
    isEmpty = false;
  }
  return [...lines, line];
}

function summary({ findings }: DoctorReport): string {
  const count = (level: FindingLevel): number =>
    findings.filter((finding) => finding.level === level).length;
  const told = [
    [count("error"), "error"],
    [count("warning"), "warning"],
  ] as const;
  const words = told
    .filter(([number]) => number > 0)
    .map(([number, word]) => `${number} ${word}${number === 1 ? "" : "s"}`);
  return words.length === 0 ? "Everything is well." : `Found: ${words.join(", ")}.`;
}
