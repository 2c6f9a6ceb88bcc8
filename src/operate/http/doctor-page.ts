// Owns the page with what the doctor found: grouped by account, what is wrong first, each with its remedy.
import type { DoctorReport, Finding, FindingLevel } from "../doctor/report.ts";
import type { Answer } from "./answer.ts";
import { html, type Html } from "./html.ts";
import { documentPage, pill, type PageRequest } from "./layout.ts";
import { plural, type State, type Tone } from "./words.ts";

const TONES: Readonly<Record<FindingLevel, Tone>> = {
  error: "bad",
  warning: "warning",
  ok: "good",
};
const WORDS: Readonly<Record<FindingLevel, string>> = {
  error: "Error",
  warning: "Warning",
  ok: "Fine",
};
const ORDER: readonly FindingLevel[] = ["error", "warning", "ok"];

export function doctorPage(report: DoctorReport, request: PageRequest): Answer {
  return documentPage(
    {
      name: "doctor",
      state: stateOf(report),
      body: groups(report),
      at: report.at,
      cards: namesOf(report).length,
      foot: [
        html`<span
          >Looked without sending anything. With a message that is posted and received: openclaw
          gotify doctor --self-test</span
        >`,
      ],
    },
    request,
  );
}

/** What is shown when the doctor came to no end, or nothing could be gathered. */
export function failurePage(text: string, request: PageRequest & { readonly at: string }): Answer {
  return documentPage(
    {
      name: request.path.includes("doctor") ? "doctor" : "status",
      state: { tone: "bad", word: "Could not look" },
      body: html`<div class="card empty">
        <h2>Nothing can be said just now.</h2>
        <p>${text}</p>
      </div>`,
      at: request.at,
      cards: 1,
      status: 503,
    },
    request,
  );
}

function stateOf({ findings }: DoctorReport): State {
  const errors = countOf(findings, "error");
  const warnings = countOf(findings, "warning");
  if (errors > 0) {
    const rest = warnings === 0 ? "" : `, ${plural(warnings, "warning")}`;
    return { tone: "bad", word: `${plural(errors, "error")}${rest}` };
  }
  if (warnings > 0) return { tone: "warning", word: plural(warnings, "warning") };
  return { tone: "good", word: "Nothing is wrong" };
}

/** `undefined` for the installation. */
function namesOf({ findings }: DoctorReport): readonly (string | undefined)[] {
  return [...new Set(findings.map(({ account }) => account))];
}

function groups(report: DoctorReport): Html {
  const { findings } = report;
  const names = namesOf(report);
  if (names.length === 0) {
    return html`<div class="card empty"><p>There was nothing to look at.</p></div>`;
  }
  const cards = names.map((name, place) =>
    group(
      name,
      place,
      findings.filter(({ account }) => account === name),
    ),
  );
  return html`<div class="cards">${cards}</div>`;
}

/** What is fine is folded up as soon as something is not. */
function group(account: string | undefined, place: number, findings: readonly Finding[]): Html {
  const fine = findings.filter(({ level }) => level === "ok");
  const wrong = findings
    .filter(({ level }) => level !== "ok")
    .toSorted((one, other) => ORDER.indexOf(one.level) - ORDER.indexOf(other.level));
  const isMixed = wrong.length > 0 && fine.length > 0;
  return html`<section class="card" aria-labelledby="group-${place}">
    <div class="head"><h2 id="group-${place}">${account ?? "This installation"}</h2></div>
    ${wrong.length > 0 && list(wrong)}
    ${
      isMixed &&
      html`<details>
        <summary>${plural(fine.length, "more check")} found nothing wrong</summary>
        ${list(fine)}
      </details>`
    }
    ${!isMixed && fine.length > 0 && list(fine)}
  </section>`;
}

function list(findings: readonly Finding[]): Html {
  return html`<ul class="findings">
    ${findings.map(
      ({ level, message, fix }) =>
        html`<li class="finding">
          ${pill({ tone: TONES[level], word: WORDS[level] })}
          <p>${message}</p>
          ${fix !== undefined && html`<p><b>What to do:</b> ${fix}</p>`}
        </li>`,
    )}
  </ul>`;
}

function countOf(findings: readonly Finding[], level: FindingLevel): number {
  return findings.filter((finding) => finding.level === level).length;
}
