// Owns `npm run demo`: a conversation between a push and an agent, on real OpenClaw, in one terminal.
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import type { Gateway } from "../test/support/gateway.ts";
import {
  createDemoHome,
  installDemoPlugin,
  modelOfUser,
  startAgent,
  startModel,
} from "./demo-agent.ts";
import { watchConversation, type Conversation } from "./demo-conversation.ts";
import { openGotify, type DemoGotify } from "./demo-gotify.ts";
import {
  DemoError,
  fail,
  field,
  note,
  oneLine,
  say,
  seconds,
  step,
  title,
} from "./demo-terminal.ts";

const USAGE = `npm run demo [-- options]

  --once             one question, one answer, and the end
  --verbose          also print what the Gateway writes
  --timeout <s>      how long to wait for the first answer (default 120)

  GOTIFY_URL with GOTIFY_USER and GOTIFY_PASS, or with GOTIFY_CLIENT_TOKEN and GOTIFY_APP_TOKEN:
                     your own server instead of the built-in emulator
  OPENCLAW_DEMO_MODEL=provider/model with the provider's API key:
                     a real model instead of the scripted one`;

const QUESTION = "Hello! How does this work?";
const INTERRUPTED_EXIT_CODE = 130;
/** Signals closer together than this are one Ctrl-C: npm and the terminal both pass it on. */
const SAME_SIGNAL_MS = 1000;

async function demo(signal: AbortSignal): Promise<void> {
  const values = options();
  if (values.help) return say(USAGE);
  const timeoutMs = Number(values.timeout) * 1000;
  if (!(timeoutMs > 0)) throw new DemoError(`--timeout takes seconds, not "${values.timeout}".`);
  const ownModel = modelOfUser(process.env);

  // Ended in reverse order, whatever happens.
  await using leftovers = new AsyncDisposableStack();
  const home = createDemoHome(ownModel);
  // Also when a second Ctrl-C leaves no time for the rest.
  process.once("exit", home.remove);
  leftovers.defer(() => home.remove());

  title("OpenClaw answers Gotify pushes");
  const gotify = await step("Gotify", async () => {
    const value = await openGotify(process.env, signal);
    return { value, detail: `${value.url} (${value.label})` };
  });
  leftovers.defer(() => gotify.close());
  await installDemoPlugin(home, signal);
  const model = await startModel(ownModel);
  leftovers.defer(() => model.stop());
  const gateway = await startAgent(home, gotify, model, signal);
  leftovers.defer(() => gateway.stop());
  if (values.verbose) gateway.onLine(note);

  say();
  title("The conversation");
  const conversation = watchConversation(gotify);
  leftovers.defer(conversation.stop);
  await conversation.started;
  await ask(gotify, conversation, gateway, { timeoutMs, signal });
  if (values.once) return;

  invite(gotify, gateway);
  const { code } = await Promise.race([gateway.exited, aborted(signal)]);
  throw new DemoError(
    `The Gateway ended by itself (code ${code}). Run the demo with --verbose to see why.`,
  );
}

function options() {
  try {
    return parseArgs({
      args: process.argv.slice(3),
      options: {
        once: { type: "boolean", default: false },
        verbose: { type: "boolean", default: false },
        timeout: { type: "string", default: "120" },
        help: { type: "boolean", short: "h", default: false },
      },
    }).values;
  } catch (error) {
    throw new DemoError(`${oneLine(error)}. See \`npm run demo -- --help\`.`, { cause: error });
  }
}

/** Pushes the first question and waits for the answer. */
async function ask(
  gotify: DemoGotify,
  conversation: Conversation,
  gateway: Gateway,
  { timeoutMs, signal }: { timeoutMs: number; signal: AbortSignal },
): Promise<void> {
  conversation.pushing();
  await gotify.client.sendMessage({ message: QUESTION, priority: 5 }, { signal });
  const answered = await Promise.race([
    conversation.answered.then(() => true),
    gateway.exited.then(() => false),
    pause(timeoutMs, false, { signal, ref: false }),
  ]);
  if (answered) return;
  const complaint = gateway
    .output()
    .split("\n")
    .findLast((line) => /error|fail/i.test(line));
  const remedy = "Give it longer with --timeout, or see what the Gateway does with --verbose.";
  throw new DemoError(
    `No answer within ${seconds(timeoutMs)}. ${complaint === undefined ? "" : `The Gateway said: ${complaint} `}${remedy}`,
  );
}

/** Everything to try it oneself. */
function invite(gotify: DemoGotify, gateway: Gateway): void {
  say();
  title("Your turn");
  field("Gotify", gotify.url, gotify.signIn === undefined ? "" : `sign in: ${gotify.signIn}`);
  field("Control UI", `${gateway.url}/#token=${gateway.token}`);
  field(
    "From a shell",
    `curl -H 'X-Gotify-Key: ${gotify.appToken}' -F 'message=What is new?' ${gotify.url}/message`,
  );
  say();
  note("What passes is printed here. Ctrl-C ends the demo and removes all it made.");
  say();
}

function abortOnSignals(): AbortSignal {
  const controller = new AbortController();
  let firstAt: number | undefined;
  const onSignal = (): void => {
    if (firstAt !== undefined && performance.now() - firstAt > SAME_SIGNAL_MS)
      process.exit(INTERRUPTED_EXIT_CODE);
    if (firstAt !== undefined) return;
    firstAt = performance.now();
    if (process.stdout.isTTY) say();
    note("Ending the demo …");
    controller.abort();
  };
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(name, onSignal);
  return controller.signal;
}

function aborted(signal: AbortSignal): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  return promise;
}

/** What to tell of an error: its own message, and what could not be tidied up after it. */
function failures(error: unknown, interrupted: boolean): unknown[] {
  if (error instanceof SuppressedError)
    return [...failures(error.suppressed, interrupted), error.error];
  // Ctrl-C is the ordinary end of the demo, whatever it broke off.
  return interrupted ? [] : [error];
}

const interruption = abortOnSignals();
try {
  await demo(interruption);
} catch (error) {
  for (const failure of failures(error, interruption.aborted)) {
    fail(failure);
    process.exitCode = 1;
  }
}
// Everything has been ended; a connection that lingers must not hold the terminal.
setTimeout(() => process.exit(), 1000).unref();
