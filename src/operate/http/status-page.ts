// Owns the page behind the Gotify tab: every account's state at a glance, what needs somebody first.
import type { StatusFacts } from "../../vitals/facts.ts";
import { accountCard } from "./account-card.ts";
import type { Answer } from "./answer.ts";
import { html, type Html } from "./html.ts";
import { documentPage, type PageRequest } from "./layout.ts";
import { byUrgency, overallState } from "./words.ts";

/** Often enough for "a minute", and seldom enough for a page that somebody leaves open. */
const REFRESH_MS = 20_000;

export function statusPage(facts: StatusFacts, request: PageRequest): Answer {
  return documentPage(
    {
      name: "status",
      state: overallState(facts),
      body: accountsOf(facts),
      at: facts.at,
      cards: facts.accounts.length,
      foot: [html`<span>Plugin ${facts.plugin}</span>`],
      refreshMs: REFRESH_MS,
    },
    request,
  );
}

function accountsOf({ accounts, at }: StatusFacts): Html {
  if (accounts.length === 0) {
    return html`<div class="card empty">
      <h2>No Gotify account is set up.</h2>
      <p>Run <b>openclaw channels add gotify</b> where the Gateway runs.</p>
    </div>`;
  }
  const cards = byUrgency(accounts).map((account, place) => accountCard(account, place, at));
  return html`<h2 class="hidden">Accounts</h2>
    <div class="cards">${cards}</div>`;
}
