// Owns how one account is shown: its state, what is wrong and what to do, the numbers that tell, and the rest folded up.
import type { AccountFacts, Problem } from "../../vitals/facts.ts";
import { COUNTERS, type Counter } from "../../vitals/vitals.ts";
import { chart, hoursTable } from "./chart.ts";
import { html, type Html } from "./html.ts";
import { pill } from "./layout.ts";
import {
  accountState,
  ago,
  count,
  moment,
  plural,
  shortMoment,
  span,
  streamWord,
} from "./words.ts";

interface Fact {
  readonly name: string;
  readonly value: string | Html;
  readonly more?: string | undefined;
}

const COUNTED: Readonly<Record<Counter, string>> = {
  in: "Messages in",
  out: "Messages out",
  duplicates: "Duplicates left out",
  dropped: "Frames dropped",
  retries: "Tried again",
  failed: "Given up",
  reconnects: "Connections lost",
};

/** @param now when the facts were gathered, ISO 8601. */
export function accountCard(account: AccountFacts, at: number, now: string): Html {
  const label = `account-${at}`;
  const title = account.name ?? account.account;
  return html`<article class="card" aria-labelledby="${label}">
    <div class="head">
      <h2 id="${label}">
        ${title}${account.name !== undefined && account.name.toLowerCase() !== account.account && html`<span>${account.account}</span>`}
      </h2>
      ${pill(accountState(account))}
    </div>
    ${
      account.problems.length > 0 &&
      html`<ul class="notes">
        ${account.problems.map(note)}
      </ul>`
    }
    ${account.enabled && account.configured && running(account, now)}
  </article>`;
}

function note({ level, message, fix }: Problem): Html {
  const tone = level === "error" ? "bad" : "warning";
  return html`<li class="note ${tone}">
    <strong
      ><span class="hidden">${level === "error" ? "Error: " : "Warning: "}</span>${message}</strong
    >
    <p><b>What to do:</b> ${fix}</p>
  </li>`;
}

function running(account: AccountFacts, now: string): Html {
  const facts = [
    lastTime("Last message in", account.lastInAt, now, account.receives),
    lastOut(account, now),
    streamFact(account, now),
    lagFact(account),
    queueFact(account, now),
    deadLettersFact(account, now),
  ].filter((fact) => fact !== undefined);
  return html`<dl class="facts">
      ${facts.map(
        ({ name, value, more }) =>
          html`<div>
            <dt>${name}</dt>
            <dd>${value}${more !== undefined && html`<small>${more}</small>`}</dd>
          </div>`,
      )}
    </dl>
    ${account.hours.length > 0 && chart(account.hours)}
    <details>
      <summary>More numbers</summary>
      ${moreTable(account, now)} ${countedTable(account, now)} ${hoursTable(account.hours)}
    </details>`;
}

function lastTime(
  name: string,
  at: string | undefined,
  now: string,
  isExpected: boolean,
): Fact | undefined {
  if (!isExpected) return undefined;
  if (at === undefined) return { name, value: "none yet" };
  return {
    name,
    value: html`<time datetime="${at}">${ago(at, now)}</time>`,
    more: shortMoment(at, now),
  };
}

/** Before this run of the account only the hours are known. */
function lastOut({ lastOutAt, lastOutHour }: AccountFacts, now: string): Fact | undefined {
  const name = "Last message out";
  return lastOutAt === undefined && lastOutHour !== undefined
    ? { name, value: `in the hour of ${shortMoment(lastOutHour, now)}` }
    : lastTime(name, lastOutAt, now, true);
}

function streamFact({ stream, receives }: AccountFacts, now: string): Fact | undefined {
  if (!receives) return undefined;
  if (stream === undefined) return { name: "Stream", value: "unknown" };
  const lasts = Date.parse(now) - Date.parse(stream.since);
  const more = [
    Number.isNaN(lasts) || lasts < 0 ? undefined : `for ${span(lasts)}`,
    stream.roundTripMs === undefined ? undefined : `${count(Math.round(stream.roundTripMs))} ms`,
  ].filter((one) => one !== undefined);
  return {
    name: "Stream",
    value: streamWord(stream.state),
    ...(more.length === 0 ? {} : { more: more.join(", ") }),
  };
}

function lagFact({ lag, receives }: AccountFacts): Fact | undefined {
  if (!receives) return undefined;
  const name = "Lag";
  if (lag === undefined) return { name, value: "unknown" };
  const { newestStored, newestTaken, unanswered } = lag;
  const more = unanswered > 0 ? `${plural(unanswered, "message")} not answered yet` : undefined;
  if (newestStored === undefined) return { name, value: "none", more };
  if (newestStored <= (newestTaken ?? 0)) return { name, value: "none", more };
  const ids = `server has no. ${newestStored}, taken up to ${newestTaken ?? "none"}`;
  return { name, value: "behind", more: more === undefined ? ids : `${ids}; ${more}` };
}

function queueFact({ queue, receives }: AccountFacts, now: string): Fact | undefined {
  if (!receives) return undefined;
  if (queue === undefined) return { name: "Queue", value: "unknown" };
  const since = (at: string | undefined): string =>
    at === undefined ? "" : ` for ${span(Math.max(0, Date.parse(now) - Date.parse(at)))}`;
  const more = [
    queue.waiting > 0 && queue.oldestWaitingAt !== undefined
      ? `the oldest${since(queue.oldestWaitingAt)}`
      : undefined,
    queue.inTurns > 0
      ? `${count(queue.inTurns)} being answered${since(queue.oldestTurnAt)}`
      : undefined,
  ].filter((one) => one !== undefined);
  return {
    name: "Queue",
    value: queue.waiting === 0 ? "empty" : `${count(queue.waiting)} waiting`,
    ...(more.length === 0 ? {} : { more: more.join("; ") }),
  };
}

function deadLettersFact({ deadLetters }: AccountFacts, now: string): Fact {
  const name = "Dead letters";
  if (deadLetters === undefined) return { name, value: "unknown" };
  const { messages, replies, newestAt } = deadLetters;
  if (messages + replies === 0) return { name, value: "none" };
  const kinds = [
    messages > 0 ? plural(messages, "message") : undefined,
    replies > 0 ? plural(replies, "reply", "replies") : undefined,
    newestAt === undefined ? undefined : `the newest ${ago(newestAt, now)}`,
  ].filter((one) => one !== undefined);
  return { name, value: count(messages + replies), more: kinds.join(", ") };
}

function moreTable(account: AccountFacts, now: string): Html {
  const { version, startedAt, stream, posting, waitingReplies, lastError, suspended } = account;
  const rows: readonly (readonly [string, string | undefined])[] = [
    ["Gotify", version],
    [
      "Running",
      startedAt === undefined ? (account.running ? "yes" : "no") : `since ${moment(startedAt)}`,
    ],
    ["Connected", stream?.connectedAt && `since ${moment(stream.connectedAt)}`],
    [
      "Posting",
      posting &&
        `${posting.ok ? "works" : "does not work"}, looked at ${ago(posting.checkedAt, now)}`,
    ],
    [
      "Answers waiting to be sent",
      waitingReplies === undefined ? undefined : count(waitingReplies),
    ],
    [
      "Shut out until confirmed",
      suspended.length === 0 ? undefined : `application ${suspended.join(", ")}`,
    ],
    ["Last error", lastError && `${ago(lastError.at, now)}: ${lastError.text}`],
  ];
  return html`<table>
    <caption>
      The account
    </caption>
    <tbody>
      ${rows.flatMap(([name, value]) =>
        value === undefined || value === ""
          ? []
          : [
              html`<tr>
                <th scope="row">${name}</th>
                <td>${value}</td>
              </tr>`,
            ],
      )}
    </tbody>
  </table>`;
}

function countedTable({ counted, startedAt }: AccountFacts, now: string): Html {
  if (counted === undefined) return html``;
  const since = startedAt === undefined ? "" : `, ${ago(startedAt, now)}`;
  return html`<table class="numbers">
    <caption>
      Counted since the account was started${since}
    </caption>
    <tbody>
      ${COUNTERS.map(
        (counter) =>
          html`<tr>
            <th scope="row">${COUNTED[counter]}</th>
            <td class="number">${count(counted[counter])}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}
