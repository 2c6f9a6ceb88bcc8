// Owns `openclaw gotify status` and `openclaw gotify health`: the state of the accounts for people and for scripts.
import { answerCommand, CommandError, type CommandOutput } from "../config/command-line.ts";
import { resolveAccount } from "../config/accounts.ts";
import { configWithSecrets } from "../config/command-secrets.ts";
import { oneLine } from "../gotify/one-line.ts";
import { withholding } from "../vitals/withheld.ts";
import { findOwnApplication } from "./doctor/own-application.ts";
import { probeAccount, withheldProbe, type AccountProbe } from "./probe.ts";
import { probeLines } from "./probe-lines.ts";
import { readStatus, type StatusAnswer } from "./status-source.ts";
import { healthLine, statusLines } from "./status-text.ts";

const PROBE_TIMEOUT_MS = 10_000;
const NONE_CONFIGURED =
  "No Gotify account is configured. Run: openclaw channels login --channel gotify";

export interface StatusOptions extends CommandOutput {
  readonly account?: string;
  /** Also asks the servers. */
  readonly deep?: boolean;
}

/** Prints the state. The exit code is 0 whatever the state is: `health` is there for scripts. */
export async function printStatus(options: StatusOptions): Promise<number> {
  return answerCommand(options, async () => {
    const command = "openclaw gotify status";
    const { facts, notice } = await readStatus({ ...accountOf(options), command });
    const probes = options.deep === true ? await probeAll(facts.accounts, command) : [];
    const lines = facts.accounts.length === 0 ? [NONE_CONFIGURED] : statusLines(facts);
    const deepLines = probes.flatMap(({ account, probe }) => [
      "",
      `${account}, asked just now:`,
      ...probeLines(probe).map(({ text }) => `  ${text}`),
    ]);
    return {
      // `ok` is the accounts' and not the command's.
      result: {
        ...facts,
        ...(notice === undefined ? {} : { notice }),
        ...(options.deep === true
          ? { probes: probes.map(({ account, told }) => ({ account, probe: told })) }
          : {}),
      },
      lines: [...(notice === undefined ? [] : [oneLine(notice), ""]), ...lines, ...deepLines],
    };
  });
}

/** One line for each account; exit code 1 when any of them does not work, or nobody can tell. */
export async function printHealth(options: StatusOptions): Promise<number> {
  let code = 1;
  const failed = await answerCommand(options, async () => {
    const command = "openclaw gotify health";
    const answer = await readStatus({ ...accountOf(options), command });
    const { facts, notice } = answer;
    if (facts.accounts.length === 0) throw new CommandError(NONE_CONFIGURED);
    const ok = isHealthy(answer);
    code = ok ? 0 : 1;
    const accounts = facts.accounts.map((account) => ({
      account: account.account,
      ok: account.ok,
      problems: account.problems.map((problem) => problem.code),
    }));
    return {
      result: { ok, ...(notice === undefined ? {} : { notice }), accounts },
      lines: [
        ...(notice === undefined ? [] : [oneLine(notice)]),
        ...facts.accounts.map(healthLine),
      ],
    };
  });
  return failed === 0 ? code : failed;
}

/** Nobody is answered where no Gateway answers. */
function isHealthy({ facts, notice }: StatusAnswer): boolean {
  return facts.ok && notice === undefined;
}

function accountOf({ account }: StatusOptions): { account?: string } {
  return account === undefined ? {} : { account };
}

async function probeAll(
  accounts: StatusAnswer["facts"]["accounts"],
  command: string,
): Promise<{ account: string; probe: AccountProbe; told: AccountProbe }[]> {
  const cfg = await configWithSecrets(command);
  const withhold = withholding(cfg);
  return Promise.all(
    accounts
      .filter(({ enabled }) => enabled)
      .map(async ({ account }) => {
        const resolved = resolveAccount(cfg, account);
        const probe = await probeAccount(resolved, PROBE_TIMEOUT_MS, findOwnApplication);
        return { account, probe, told: withheldProbe(probe, withhold) };
      }),
  );
}
