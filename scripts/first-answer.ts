// Owns `npm run first-answer`: a fresh user's way from the packed plugin to the first answer, each step timed.
import { gatewayConfig, newGatewayToken } from "../test/support/gateway-config.ts";
import { startGateway } from "../test/support/gateway.ts";
import { startGotifySide } from "../test/support/gotify-side.ts";
import { freePort } from "../test/support/loopback.ts";
import {
  createHome,
  hostVersion,
  isJsonObject,
  readConfig,
  runOpenClaw,
  writeConfig,
} from "../test/support/openclaw.ts";
import { buildPlugin, installPlugin, packPlugin } from "../test/support/plugin-package.ts";
import { startScriptedModel } from "../test/support/scripted-model.ts";

const FIRST_TURN_TIMEOUT_MS = 120_000;

const home = createHome();
const side = await startGotifySide();
const model = await startScriptedModel((turn) => `Heard: ${turn.said}`);
const steps: { readonly step: string; readonly ms: number }[] = [];
const ends: (() => Promise<void>)[] = [
  () => model.stop(),
  () => side.stop(),
  () => Promise.resolve(home.remove()),
];

try {
  await buildPlugin();
  // Whoever comes has an OpenClaw with a model, and nothing of Gotify.
  const { channels, ...sections } = gatewayConfig(home, {
    port: await freePort(),
    token: newGatewayToken(),
    model,
    gotify: {},
  });
  if (channels === undefined) throw new Error("The configuration has lost its channels.");
  const { plugins, ...others } = sections;
  writeConfig(home, others);

  const archive = await timed("npm pack", () => packPlugin(`${home.dir}/packed`));
  await timed("openclaw plugins install <tarball>", () => installPlugin(home, archive));
  await timed("openclaw channels add gotify …", async () => {
    const server = [`--server-url=${side.url}`, `--chat-app=${side.person.id}`];
    const tokens = [`--app-token=${side.bot.token}`, `--client-token=${side.reader.token}`];
    const args = ["channels", "add", "gotify", ...server, ...tokens];
    const { code, stdout, stderr } = await runOpenClaw(home, args);
    if (code !== 0) throw new Error(`channels add failed:\n${stdout}${stderr}`);
  });
  const written = readConfig(home)["channels"];
  const gotify = isJsonObject(written) ? written["gotify"] : undefined;
  if (!isJsonObject(gotify)) throw new Error("channels add has written nothing.");
  const gateway = await timed("openclaw gateway run, until the account is connected", async () => {
    // With the plugins as the test suite has them: others would have to be loaded as well.
    const started = await startGateway(home, { model, gotify, sections: { plugins } });
    ends.unshift(() => started.stop());
    await started.waitForLog(/\[default\] Connected/);
    return started;
  });
  await timed("a message, until its answer is stored", async () => {
    await side.say("Hello");
    const explain = gateway.output;
    await side.replyWith("Hello", { timeoutMs: FIRST_TURN_TIMEOUT_MS, explain });
  });
  print();
} finally {
  for (const end of ends) await end();
}

async function timed<T>(step: string, work: () => Promise<T>): Promise<T> {
  const startedAt = performance.now();
  const result = await work();
  steps.push({ step, ms: performance.now() - startedAt });
  return result;
}

function print(): void {
  const total = steps.reduce((sum, { ms }) => sum + ms, 0);
  const lines = [...steps, { step: "all of it", ms: total }].map(
    ({ step, ms }) => `${(ms / 1000).toFixed(1).padStart(6)} s  ${step}`,
  );
  const setting = `OpenClaw ${hostVersion()}, Node ${process.versions.node}, a Gotify and a model on this machine`;
  process.stdout.write(`${setting}\n${lines.join("\n")}\n`);
}
