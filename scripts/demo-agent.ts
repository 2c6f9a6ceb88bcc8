// Owns the agent of the demo: OpenClaw with the plugin packed and installed, and the model it thinks with.
import { join } from "node:path";
import { startGateway, type Gateway } from "../test/support/gateway.ts";
import type { GatewaySetup } from "../test/support/gateway-config.ts";
import { createHome, userEnvironment, type OpenClawHome } from "../test/support/openclaw.ts";
import {
  buildPlugin,
  installPlugin,
  packPlugin,
  whatIsWrongWithTheBuild,
} from "../test/support/plugin-package.ts";
import { startScriptedModel, type ModelTurn } from "../test/support/scripted-model.ts";
import type { DemoGotify } from "./demo-gotify.ts";
import { DemoError, oneLine, step } from "./demo-terminal.ts";

const CONNECT_TIMEOUT_MS = 30_000;

/** The model the user asked for; undefined for the scripted one. */
export function modelOfUser(env: NodeJS.ProcessEnv): string | undefined {
  const name = env["OPENCLAW_DEMO_MODEL"];
  if (!name) return undefined;
  if (!/^[^/\s]+\/\S+$/.test(name)) {
    throw new DemoError(
      `OPENCLAW_DEMO_MODEL is "${name}". Write it as provider/model, and set that provider's API key.`,
    );
  }
  return name;
}

export function createDemoHome(ownModel: string | undefined): OpenClawHome {
  // A model of the user's needs the key from their environment; the scripted one needs nothing of theirs.
  return createHome(ownModel === undefined ? {} : { baseEnv: userEnvironment() });
}

/** Builds if need be, packs, and installs the plugin as a user would. */
export async function installDemoPlugin(home: OpenClawHome, signal: AbortSignal): Promise<void> {
  await step("Build", async () => {
    const problem = whatIsWrongWithTheBuild();
    if (problem === undefined) return { value: undefined, detail: "is current" };
    await buildPlugin(signal).catch(rethrow("`npm run build` shows all of it."));
    return { value: undefined, detail: "compiled" };
  });
  await step("Plugin", async () => {
    const archive = await packPlugin(join(home.dir, "packed"), signal).catch(
      rethrow("Check that npm works here: `npm pack --dry-run`."),
    );
    await installPlugin(home, archive, signal).catch(
      rethrow("Check the network: npm has to fetch the plugin's dependencies once."),
    );
    return { value: undefined, detail: "packed and installed" };
  });
}

export type DemoModel = { setup: GatewaySetup["model"]; stop: () => Promise<void> };

export async function startModel(ownModel: string | undefined): Promise<DemoModel> {
  if (ownModel !== undefined) return { setup: { name: ownModel }, stop: () => Promise.resolve() };
  const model = await startScriptedModel(scriptedAnswer);
  return { setup: model, stop: model.stop };
}

/** Resolves when messages to the application reach the agent. */
export async function startAgent(
  home: OpenClawHome,
  gotify: DemoGotify,
  model: DemoModel,
  signal: AbortSignal,
): Promise<Gateway> {
  return step("Gateway", async () => {
    const gateway = await startGateway(home, {
      model: model.setup,
      gotify: {
        serverUrl: gotify.url,
        appToken: gotify.appToken,
        clientToken: gotify.clientToken,
        dmPolicy: "allowlist",
        allowFrom: [String(gotify.appId)],
      },
      // A push must not be able to run commands on the machine of whoever tries the demo.
      sections: { tools: { profile: "minimal" } },
      signal,
    }).catch(rethrow("Run the demo with --verbose to see all that it says."));
    await gateway
      .waitForLog(/\[gotify\] \[default\] Connected/, { timeoutMs: CONNECT_TIMEOUT_MS })
      .catch(async () => {
        await gateway.stop();
        signal.throwIfAborted();
        const said = /\[gotify\] \[default\] (.+)/.exec(gateway.output())?.[1];
        throw new DemoError(said ?? `The plugin did not connect to ${gotify.url}. Try --verbose.`);
      });
    return { value: gateway, detail: `ready at ${gateway.url}, connected to Gotify` };
  });
}

function scriptedAnswer(turn: ModelTurn): string {
  const quoted = turn.said
    .split("\n")
    .map((line) => `> ${line}`)
    .join("\n");
  if (turn.number > 1) {
    return `${quoted}\n\nHeard, message ${turn.number}. A real model would think now; the script only says that it **arrived**.`;
  }
  return [
    quoted,
    "",
    "Hello! This answer went the whole way:",
    "",
    "1. your push came in over Gotify's **stream**,",
    "2. a real OpenClaw Gateway gave it to its agent,",
    "3. and the answer was posted back as a **push**.",
    "",
    "Only the model is a script. With `OPENCLAW_DEMO_MODEL` a real one answers.",
  ].join("\n");
}

/** Adds what to do to an error of a step, but leaves an interruption what it is. */
function rethrow(remedy: string): (error: unknown) => never {
  return (error) => {
    if (error instanceof DemoError || !(error instanceof Error) || error.name === "AbortError")
      throw error;
    throw new DemoError(`${oneLine(error)} ${remedy}`, { cause: error });
  };
}
