// Owns a run of `openclaw gotify doctor`: by the Gateway where one runs the accounts, and else in this process.
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { callGatewayFromCli } from "openclaw/plugin-sdk/gateway-runtime";
import { listAccountIds, normalizeAccountId } from "../../config/account-ids.ts";
import { failureOf, failureText, type CommandOutput } from "../../config/command-line.ts";
import { configWithSecrets } from "../../config/command-secrets.ts";
import { currentConfig } from "../../config/host-types.ts";
import { getRuntime } from "../../config/runtime.ts";
import { asObject, asString } from "../../gotify/parse.ts";
import { isInUse } from "../../journal/account-journal.ts";
import { told } from "./check.ts";
import { DOCTOR_METHOD, SELF_TEST_METHOD } from "./method.ts";
import type { DoctorReport, Finding } from "./report.ts";
import { realWorld, runDoctor } from "./run.ts";
import { reportLines } from "./text.ts";

/** Longer than a run may take there. */
const GATEWAY_TIMEOUT_MS = 75_000;
const INTERRUPTED_EXIT_CODE = 130;

export interface DoctorCommandOptions extends CommandOutput {
  readonly account?: string;
  readonly selfTest?: boolean;
}

/** Prints the report. Returns the exit code: 1 when something does not work. */
export async function doctorCommand(options: DoctorCommandOptions): Promise<number> {
  const interrupted = new AbortController();
  const onInterrupt = (): void => interrupted.abort();
  process.once("SIGINT", onInterrupt);
  process.once("SIGTERM", onInterrupt);
  try {
    const report = await lookAround(options, interrupted.signal);
    const text = options.json === true ? JSON.stringify(report) : reportLines(report).join("\n");
    process.stdout.write(`${text}\n`);
    return report.ok ? 0 : 1;
  } catch (error) {
    if (interrupted.signal.aborted) return INTERRUPTED_EXIT_CODE;
    if (options.json === true) process.stdout.write(`${JSON.stringify(failureOf(error))}\n`);
    else process.stderr.write(`${failureText(error)}\n`);
    return 1;
  } finally {
    process.off("SIGINT", onInterrupt);
    process.off("SIGTERM", onInterrupt);
  }
}

async function lookAround(
  { account, selfTest }: DoctorCommandOptions,
  signal: AbortSignal,
): Promise<DoctorReport> {
  const wanted = account === undefined ? {} : { account };
  const extra: Finding[] = [];
  if (isAnyInUse(currentConfig(getRuntime()), account)) {
    try {
      return await askGateway(selfTest === true ? SELF_TEST_METHOD : DOCTOR_METHOD, wanted, signal);
    } catch (error) {
      signal.throwIfAborted();
      const why = `A Gateway runs the accounts and was not to be asked, so this was looked at from here: ${failureText(error)}`;
      const fix = "Restart the Gateway: openclaw gateway restart.";
      extra.push({ ...told("gateway", why, "warning"), fix });
    }
  }
  const report = await runDoctor(
    {
      cfg: await configWithSecrets("openclaw gotify doctor"),
      ...wanted,
      selfTest: selfTest === true,
      signal,
    },
    { ...realWorld, isGateway: false },
  );
  return { ...report, findings: [...extra, ...report.findings] };
}

function isAnyInUse(cfg: OpenClawConfig, account: string | undefined): boolean {
  const id = account === undefined ? undefined : normalizeAccountId(account);
  return listAccountIds(cfg)
    .filter((one) => id === undefined || one === id)
    .some((one) => {
      try {
        return isInUse(one);
      } catch {
        // A journal that cannot be read is a finding.
        return false;
      }
    });
}

async function askGateway(
  method: string,
  params: { readonly account?: string },
  signal: AbortSignal,
): Promise<DoctorReport> {
  const options = { timeout: String(GATEWAY_TIMEOUT_MS) };
  const said = await callGatewayFromCli(method, options, params, { progress: false, signal });
  const findings: unknown = said["findings"];
  const at = asString(said["at"]);
  if (!Array.isArray(findings) || at === undefined) {
    throw new Error("The Gateway answered with something else than a report.");
  }
  return { ok: said["ok"] === true, at, findings: findings.map(readFinding) };
}

function readFinding(value: unknown): Finding {
  const object = asObject(value);
  const level = asString(object?.["level"]);
  const account = asString(object?.["account"]);
  const fix = asString(object?.["fix"]);
  return {
    check: asString(object?.["check"]) ?? "",
    ...(account === undefined ? {} : { account }),
    level: level === "ok" || level === "warning" ? level : "error",
    message: asString(object?.["message"]) ?? "",
    ...(fix === undefined ? {} : { fix }),
  };
}
