// Owns what the doctor says of a running account: what its status says, as findings.
import type { AccountFacts, ProblemCode } from "../../vitals/facts.ts";
import { fine, warning, type Remark } from "./check.ts";

/** Said by the checks of the configuration and of the journal's file. */
const SAID_ALREADY: ReadonlySet<ProblemCode> = new Set([
  "not-configured",
  "secret-missing",
  "journal-unreadable",
]);

/**
 * @param isGateway in the process that is to run the account. Outside of it an account that does not run is
 * no surprise: whoever sets one up looks before the first start.
 */
export function stateRemarks(facts: AccountFacts, isGateway: boolean): readonly Remark[] {
  const problems = facts.problems.filter(
    ({ code }) =>
      !SAID_ALREADY.has(code) &&
      // From outside nobody can tell, and whether it can post the doctor has just looked at itself.
      !(code === "not-running" && !isGateway && !facts.receives),
  );
  const remarks = problems.map(({ code, level, message, fix }): Remark => {
    if (code === "not-running" && !isGateway) return warning(code, message, fix);
    return { check: code, level, message, fix };
  });
  if (remarks.length > 0 || !facts.running) return remarks;
  const waiting = facts.queue?.waiting ?? 0;
  return [
    fine(
      "status",
      `The account runs${facts.startedAt === undefined ? "" : ` since ${facts.startedAt}`}, and ${waiting === 0 ? "nothing waits" : `${waiting} messages wait for their turn`}.`,
    ),
  ];
}
