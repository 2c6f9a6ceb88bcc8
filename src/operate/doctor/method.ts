// Owns the doctor as it is registered: `openclaw gotify doctor` and its Gateway methods. What they do is loaded when they run.
import type { OpenClawPluginApi } from "openclaw/plugin-sdk/channel-core";
import { errorText } from "../../config/error-text.ts";
import { currentConfig } from "../../config/host-types.ts";
import { getRuntime } from "../../config/runtime.ts";
import { asString } from "../../gotify/parse.ts";

/** Looks, and changes nothing. */
export const DOCTOR_METHOD = "gotify.doctor";
/** Posts a message and deletes it again, which whoever may only read must not be able to do. */
export const SELF_TEST_METHOD = "gotify.doctor.selfTest";

type Command = Parameters<Parameters<OpenClawPluginApi["registerCli"]>[0]>[0]["program"];
type Handler = Parameters<OpenClawPluginApi["registerGatewayMethod"]>[1];

/** @param gotify the command `openclaw gotify`. */
export function addDoctorCommand(gotify: Command): void {
  gotify
    .command("doctor")
    .description("Look for everything that may be wrong, and say what to do")
    .option("--account <id>", "only this account")
    .option("--self-test", "also post a quiet message, see it arrive, and delete it again")
    .option("--json", "print the result as JSON")
    .action(async (options: { account?: string; selfTest?: boolean; json?: boolean }) => {
      const { doctorCommand } = await import("./command.ts");
      process.exitCode = await doctorCommand(options);
    });
}

export function registerDoctorMethods(api: OpenClawPluginApi): void {
  api.registerGatewayMethod(DOCTOR_METHOD, handler(false), { scope: "operator.read" });
  api.registerGatewayMethod(SELF_TEST_METHOD, handler(true), { scope: "operator.write" });
}

function handler(selfTest: boolean): Handler {
  return async ({ params, respond }) => {
    try {
      const { runDoctor } = await import("./run.ts");
      const account = asString(params["account"]);
      const report = await runDoctor({
        cfg: currentConfig(getRuntime()),
        ...(account === undefined ? {} : { account }),
        selfTest,
        // Whoever asked may be gone by then; every check has its time.
        signal: new AbortController().signal,
      });
      respond(true, report);
    } catch (error) {
      respond(false, undefined, { code: "INVALID_REQUEST", message: errorText(error) });
    }
  };
}
