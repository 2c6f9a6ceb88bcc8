// Owns `npm run gotify`: the Gotify emulator on a port of its own, for trying things by hand.
import { parseArgs } from "node:util";
import { startEmulator, type Emulator, type Personality } from "../test/emulator/index.ts";

interface Options {
  readonly port: number | undefined;
  readonly personality: Personality;
}

const USAGE = "usage: npm run gotify -- [--port N] [--v2]";
const DEFAULT_PORT = 8080;
const MAX_PORT = 65_535;

const options = readOptions(process.argv.slice(3));
if (typeof options === "string") {
  console.error(`${options} (${USAGE})`);
  process.exitCode = 2;
} else {
  await run(options);
}

/** @returns what is wrong with them, when something is. */
function readOptions(args: string[]): Options | string {
  try {
    const { values } = parseArgs({
      args,
      options: { port: { type: "string" }, v2: { type: "boolean", default: false } },
    });
    const personality = values.v2 ? "v2" : "v3";
    if (values.port === undefined) return { port: undefined, personality };
    const port = Number(values.port);
    const isPort = /^\d+$/.test(values.port) && port <= MAX_PORT;
    return isPort ? { port, personality } : `--port must be a number from 0 to ${MAX_PORT}`;
  } catch (error) {
    return firstSentence(error);
  }
}

function firstSentence(error: unknown): string {
  return error instanceof Error ? (error.message.split(/\.(?:\s|$)/, 1)[0] ?? "") : String(error);
}

async function run(chosen: Options): Promise<void> {
  let emulator: Emulator;
  try {
    emulator = await start(chosen);
  } catch (error) {
    console.error(`Could not listen: ${firstSentence(error)}`);
    process.exitCode = 1;
    return;
  }
  console.log(introduction(emulator));
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => void emulator.stop());
  }
}

/** A port that was asked for must be free; the usual one may be taken, and then any other does. */
async function start({ port, personality }: Options): Promise<Emulator> {
  if (port !== undefined) return startEmulator({ port, personality });
  try {
    return await startEmulator({ port: DEFAULT_PORT, personality });
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EADDRINUSE")) throw error;
    return startEmulator({ personality });
  }
}

function introduction({ url, personality }: Emulator): string {
  const version = personality === "v2" ? "2.9" : "3.0";
  return `
Gotify emulator (plays Gotify ${version}; not the real one, keeps everything in memory)

  Address   ${url}
  User      admin
  Password  admin

Create an application; its token is in the answer:
  curl -u admin:admin -F name=Demo ${url}/application

Push a message with that token:
  curl -H "X-Gotify-Key: <token>" -F message=Hello -F priority=5 ${url}/message

Create a client, whose token reads messages and opens the stream:
  curl -u admin:admin -F name=Bridge ${url}/client

Both in one go:
  curl -sH "X-Gotify-Key: $(curl -su admin:admin -F name=Demo ${url}/application | sed 's/.*"token":"\\([^"]*\\)".*/\\1/')" -F message=Hello ${url}/message

Open the address in a browser to see messages live. Ctrl+C stops it.
`;
}
