// Owns what is wrong with an account, judged by what is known of it: what keeps it from running at all stands here, the rest beside it.
import { ageText } from "./ages.ts";
import type { Problem } from "./facts.ts";
import { journalProblems } from "./journal-problems.ts";
import { BEAT_STALE_MS, START_GRACE_MS, type Known } from "./known.ts";
import { error, loginCommand, startCommand, warning } from "./problem.ts";
import { vitalProblems } from "./stream-problems.ts";

const DOCTOR = "See what is in the way: openclaw gotify doctor";

/** What is wrong, the worst first. An account that is switched off has no problems. */
export function findProblems(known: Known, now: number): Problem[] {
  if (!known.enabled) return [];
  const found = [
    ...configurationProblems(known),
    ...runningProblems(known, now),
    ...(known.vitals === undefined ? [] : vitalProblems(known, known.vitals, now)),
    ...(known.journal === undefined ? [] : journalProblems(known, known.journal, now)),
  ];
  return found.toSorted((one, other) => rank(one) - rank(other));
}

function rank({ level }: Problem): number {
  return level === "error" ? 0 : 1;
}

function configurationProblems(known: Known): Problem[] {
  const { accountId, configured, problem, hasUnreadableSecret, journalProblem } = known;
  const found: Problem[] = [];
  if (hasUnreadableSecret && configured) {
    // Whoever runs it has the secret, whatever can be read here.
    if (known.vitals === undefined && known.journal?.consumer === undefined) {
      found.push(
        error(
          "secret-missing",
          problem ?? "A secret of the account cannot be read, so the account is off.",
          'Put the secret in place ("openclaw secrets audit" names it), then run: openclaw secrets reload',
        ),
      );
    }
  } else if (problem !== undefined && known.vitals?.blocked?.value !== problem) {
    // What the running account says of itself it says with the time. The setup asks for an address and for
    // tokens, and would not mend an overlap or a file.
    const fix = known.lacksSettings
      ? `Set it up with: ${loginCommand(accountId)}`
      : "Change that in the configuration, then look again: openclaw gotify doctor";
    found.push(error("not-configured", problem, fix));
  }
  if (journalProblem !== undefined) {
    found.push(
      error(
        "journal-unreadable",
        journalProblem,
        "Restart the Gateway, which sets a damaged journal aside: openclaw gateway restart",
      ),
    );
  }
  return found;
}

/** Whether anybody runs it at all: also what only sends has to be looked after. */
function runningProblems(known: Known, now: number): Problem[] {
  const { configured, problem, vitals, journal } = known;
  if (vitals !== undefined || !configured || problem !== undefined) return [];
  const consumer = journal?.consumer;
  if (consumer === undefined) return notRunning(known);
  const silentMs = now - consumer.beatAt;
  if (silentMs <= BEAT_STALE_MS) return [];
  return [
    error(
      "not-consuming",
      `Process ${consumer.pid} on ${consumer.host} holds the account, and has not stirred for ${ageText(silentMs)}.`,
      "Restart the Gateway: openclaw gateway restart",
    ),
  ];
}

function notRunning({ accountId, receives, isGateway, upMs, ended }: Known): Problem[] {
  const consequence = receives
    ? "nothing is received, and nobody is answered"
    : "nobody looks whether it can still post";
  if (isGateway) {
    // A monitor that asks right after the start would be told of a death that is none.
    if (ended === undefined && upMs < START_GRACE_MS) return [];
    const message =
      ended?.value === undefined
        ? `The account does not run: ${consequence}.`
        : `The account does not run, because its last run ended with an error: ${ended.value}`;
    const fix = ended?.value === undefined ? `Start it: ${startCommand(accountId)}` : DOCTOR;
    return [error("not-running", message, fix)];
  }
  const message = `No Gateway runs the account: ${consequence}.`;
  const fix = `Start the Gateway: openclaw gateway start. If it runs: ${startCommand(accountId)}`;
  // It holds no lease, so that from outside nobody can tell. Whoever has something to send can do it all the same.
  return receives
    ? [error("not-running", message, fix)]
    : [warning("not-running", `No Gateway is known to run the account: ${consequence}.`, fix)];
}
