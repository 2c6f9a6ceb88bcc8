// Owns rendering: how long a megabyte of Markdown takes to become messages, against cutting it without looking at it.
import { renderText } from "../src/outbound/render/index.ts";
import { TYPICAL_REPLIES } from "../test/rendered/replies.ts";
import { interleave, median } from "./numbers.ts";
import type { Line, Scale } from "./report.ts";

const BYTES = 1_000_000;
const PART_BYTES = 3_500;
/** Until everything is compiled that will be needed. */
const WARM_UP_RUNS = 10;
/** Of each side in a round; their median counts. */
const RUNS = 15;

const ROW = "| web_01.example.org | 12 % | 1.2 GB | nothing to report |\n";
const ITEM = "- the volume `/srv/data` was copied, without errors\n  - 1,204 files\n";
const LISTS_AND_TABLES = `${ITEM.repeat(6)}\n| Host | CPU | Memory | Note |\n|---|--:|--:|---|\n${ROW.repeat(8)}\n`;

export async function benchRendering({ rounds, part }: Scale): Promise<Line[]> {
  const size = Math.round(BYTES * part);
  const replies = TYPICAL_REPLIES.map(({ text }) => text).join("\n\n");
  const documents = {
    "typical replies": fill(replies, size),
    "one line": fill("Some words of an answer, and **more** of them. ", size),
    "lists and tables": fill(LISTS_AND_TABLES, size),
  };
  const lines: Line[] = [];
  for (const [name, text] of Object.entries(documents)) {
    const render = (): void => void renderText(text, { maxBytes: PART_BYTES });
    const cut = (): void => void cutBlindly(text);
    for (let run = 0; run < WARM_UP_RUNS; run += 1) render();
    const { bare, ours } = await interleave(
      rounds,
      async () => timeOf(cut),
      async () => timeOf(render),
    );
    const label = `render ${size / 1e6} MB, ${name}`;
    lines.push({ name: label, unit: "ms", ours, bare, compare: "difference", target: 50 * part });
  }
  return lines;
}

function fill(text: string, bytes: number): string {
  const wanted = Buffer.from(text.repeat(Math.ceil(bytes / text.length)));
  return wanted.subarray(0, bytes).toString();
}

/** The least that splitting by bytes takes. */
function cutBlindly(text: string): string[] {
  const bytes = Buffer.from(text);
  const parts: string[] = [];
  for (let at = 0; at < bytes.length; at += PART_BYTES) {
    parts.push(bytes.subarray(at, at + PART_BYTES).toString());
  }
  return parts;
}

function timeOf(work: () => void): number {
  const times = Array.from({ length: RUNS }, () => {
    const startedAt = performance.now();
    work();
    return performance.now() - startedAt;
  });
  return median(times);
}
