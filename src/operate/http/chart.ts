// Owns the chart of an account's last hours: bars upwards for messages in, downwards for messages out, and the same in words and as a table.
import type { HourFacts } from "../../vitals/facts.ts";
import { html, type Html } from "./html.ts";
import { count, hourOf } from "./words.ts";

const WIDTH = 480;
const HEIGHT = 88;
/** Of an hour's width, for its bar. */
const BAR_PART = 0.68;
/** A single message beside hundreds must not be invisible. */
const MIN_BAR = 2;

export function chart(hours: readonly HourFacts[]): Html {
  const totals = { in: total(hours, "in"), out: total(hours, "out") };
  const most = Math.max(...hours.map((hour) => Math.max(hour.in, hour.out)), 0);
  if (most === 0) {
    return html`<p class="quiet">No messages in the last ${hours.length} hours.</p>`;
  }
  return html`<figure class="chart">
    <figcaption>
      <span>Messages by hour</span><span><i class="key-in"></i>In <b>${count(totals.in)}</b></span
      ><span><i class="key-out"></i>Out <b>${count(totals.out)}</b></span>
    </figcaption>
    <svg
      viewBox="0 0 ${WIDTH} ${HEIGHT}"
      preserveAspectRatio="none"
      role="img"
      aria-label="${inWords(hours, totals, most)}"
    >
      <line class="base" x1="0" y1="${HEIGHT / 2}" x2="${WIDTH}" y2="${HEIGHT / 2}" />
      ${bars(hours, most)}
    </svg>
    <div class="hours" aria-hidden="true">
      <span>${hours.length} h ago</span><span>${Math.round(hours.length / 2)} h ago</span
      ><span>now</span>
    </div>
  </figure>`;
}

/** For those who want the numbers, and who do not see the bars. */
export function hoursTable(hours: readonly HourFacts[]): Html {
  const busy = hours.filter((hour) => hour.in > 0 || hour.out > 0);
  if (busy.length === 0) return html``;
  return html`<table class="numbers">
    <caption>
      Hours with messages, in UTC
    </caption>
    <thead>
      <tr>
        <th scope="col">Hour</th>
        <th scope="col" class="number">In</th>
        <th scope="col" class="number">Out</th>
      </tr>
    </thead>
    <tbody>
      ${busy.map(
        (hour) =>
          html`<tr>
            <th scope="row">${hourOf(hour.hour)}</th>
            <td class="number">${count(hour.in)}</td>
            <td class="number">${count(hour.out)}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}

function bars(hours: readonly HourFacts[], most: number): readonly Html[] {
  const step = WIDTH / Math.max(1, hours.length);
  const middle = HEIGHT / 2;
  // A pixel stays free between the bars and the line.
  const room = middle - 1;
  const heightOf = (value: number): number => Math.max(MIN_BAR, (value / most) * (room - 1));
  return hours.flatMap((hour, at) => {
    const x = round(at * step + (step * (1 - BAR_PART)) / 2);
    const width = round(step * BAR_PART);
    const up = round(heightOf(hour.in));
    const down = round(heightOf(hour.out));
    return [
      ...(hour.in > 0
        ? [
            html`<rect
              class="bar-in"
              x="${x}"
              y="${round(room - up)}"
              width="${width}"
              height="${up}"
            />`,
          ]
        : []),
      ...(hour.out > 0
        ? [
            html`<rect
              class="bar-out"
              x="${x}"
              y="${middle + 1}"
              width="${width}"
              height="${down}"
            />`,
          ]
        : []),
    ];
  });
}

function inWords(
  hours: readonly HourFacts[],
  totals: Readonly<Record<"in" | "out", number>>,
  most: number,
): string {
  const busiest = hours.find((hour) => Math.max(hour.in, hour.out) === most);
  const when =
    busiest === undefined
      ? ""
      : ` Most of them in the hour from ${hourOf(busiest.hour)} UTC: ${busiest.in} in, ${busiest.out} out.`;
  return `In the last ${hours.length} hours ${totals.in} messages in and ${totals.out} out.${when}`;
}

function total(hours: readonly HourFacts[], key: "in" | "out"): number {
  return hours.reduce((sum, hour) => sum + hour[key], 0);
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
