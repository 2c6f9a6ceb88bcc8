// Owns the proof that the samples in docs/client.md hold: as a user would have the package, they pass the type check, run, and print what the page says.
import { execFile } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { startEmulator, type Emulator, type Personality } from "../emulator/index.ts";
import { createAuthority } from "../support/certificates.ts";
import { startConnectProxy } from "../support/connect-proxy.ts";
import { startTlsFront } from "../support/tls-front.ts";

interface Sample {
  readonly name: string;
  readonly code: string;
  /** What stands behind `//>`, line by line. */
  readonly output: string;
  readonly personalities: readonly Personality[];
}

/** What a sample needs around it besides a server: what happens before and while it runs, and further variables. */
interface Surroundings {
  readonly env?: Readonly<Record<string, string>>;
  /** Goes on beside the program. */
  readonly during?: () => Promise<void>;
  /** What is to be seen afterwards, and what that must be. */
  readonly proof?: { readonly seen: () => unknown; readonly expected: unknown };
}

const root = fileURLToPath(new URL("../..", import.meta.url));
const run = promisify(execFile);
const TIMEOUT_MS = 20_000;
const USER = "admin";
const PASSWORD = "geheim";
/** Imported by the others, and does nothing by itself. */
const SHARED = "gotify";

const samples = samplesIn(readFileSync(join(root, "docs/client.md"), "utf8"));
let folder: string;

/** A project beside nothing of ours: the package with what `npm install` would bring, and the samples. */
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "openclaw-gotify-samples-"));
  const installed = join(folder, "node_modules/@partme.ai/openclaw-gotify");
  mkdirSync(installed, { recursive: true });
  cpSync(join(root, "package.json"), join(installed, "package.json"));
  cpSync(join(root, "dist"), join(installed, "dist"), { recursive: true });
  symlinkSync(join(root, "node_modules/ws"), join(folder, "node_modules/ws"));
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module", private: true }));
  mkdirSync(join(folder, "src"));
  for (const { name, code } of samples) writeFileSync(join(folder, "src", `${name}.ts`), code);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("the page has its samples, each under a name of its own, and nothing else in TypeScript", () => {
  const page = readFileSync(join(root, "docs/client.md"), "utf8");
  const names = samples.map(({ name }) => name);
  expect(names).toContain(SHARED);
  expect(names.length).toBeGreaterThan(10);
  expect(new Set(names).size).toBe(names.length);
  expect(page.match(/^```(?:ts|typescript|js)\b/gm)).toHaveLength(names.length);
  expect(samples.filter(({ output }) => output === "").map(({ name }) => name)).toEqual([SHARED]);
});

test("the samples pass the type check against the package's own declarations", async () => {
  const config = {
    extends: join(root, "tsconfig.json"),
    compilerOptions: { typeRoots: [join(root, "node_modules/@types")], skipLibCheck: false },
    include: ["src"],
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const checked = await run(process.execPath, [tsc, "-p", folder]).catch((error: unknown) => error);
  expect(checked).toMatchObject({ stdout: "" });
});

describe.each(samples.filter(({ name }) => name !== SHARED))("the sample $name", (sample) => {
  test.each(sample.personalities)(
    "prints what the page says, on Gotify %s",
    async (personality) => {
      const emulator = await startEmulator({ personality, user: USER, password: PASSWORD });
      onTestFinished(() => emulator.stop());
      const backup = emulator.createApplication("Backup");
      emulator.createApplication("Phone");
      const { env = {}, during, proof } = await surroundingsOf(sample.name, emulator);

      const program = run(process.execPath, [join(folder, "src", `${sample.name}.ts`)], {
        timeout: TIMEOUT_MS,
        env: {
          PATH: process.env["PATH"],
          GOTIFY_SERVER_URL: emulator.url,
          GOTIFY_APP_TOKEN: backup.token,
          GOTIFY_CLIENT_TOKEN: emulator.createClient("Program").token,
          GOTIFY_USER: USER,
          GOTIFY_PASS: PASSWORD,
          ...env,
        },
      });
      const [{ stdout, stderr }] = await Promise.all([program, during?.()]);
      expect(stdout.trimEnd()).toBe(sample.output);
      expect(stderr).toBe("");
      expect(proof?.seen()).toEqual(proof?.expected);
    },
  );
});

async function surroundingsOf(name: string, emulator: Emulator): Promise<Surroundings> {
  if (name === "once") {
    emulator.faults.failNextPostsStored(1);
    return { proof: { seen: () => emulator.store.messages().length, expected: 1 } };
  }
  if (name === "watch") return { during: () => restartBetweenMessages(emulator) };
  if (name === "proxy") return behindTlsAndProxy(emulator);
  return {};
}

async function restartBetweenMessages(emulator: Emulator): Promise<void> {
  const post = (message: string): void => void emulator.push({ appid: 1, message });
  const isListening = (): boolean => emulator.store.streamCount() === 1;
  post("history, which is not handed on");
  await emulator.until(isListening, TIMEOUT_MS);
  post("before the restart");
  await emulator.goDown();
  post("while the server was away");
  await emulator.comeBack();
  await emulator.until(isListening, TIMEOUT_MS);
  post("that is all");
}

async function behindTlsAndProxy(emulator: Emulator): Promise<Surroundings> {
  const authority = createAuthority("an authority of one's own");
  const caFile = join(folder, `${emulator.personality}-ca.pem`);
  writeFileSync(caFile, authority.cert);
  const certified = authority.issue("localhost", { hosts: ["localhost"] });
  const front = await startTlsFront({ to: emulator.url, certified });
  onTestFinished(() => front.close());
  const proxy = await startConnectProxy();
  onTestFinished(() => proxy.close());
  const { host } = new URL(front.url);
  return {
    env: {
      GOTIFY_SERVER_URL: front.url,
      NODE_EXTRA_CA_CERTS: caFile,
      NODE_USE_ENV_PROXY: "1",
      HTTPS_PROXY: proxy.url,
    },
    // One tunnel for the stream, one for requests.
    proof: { seen: () => proxy.asked, expected: Array(2).fill(`CONNECT ${host}`) },
  };
}

/** Every block that begins with ` ```ts sample=<name> `, and perhaps ` gotify=3 `. */
function samplesIn(page: string): readonly Sample[] {
  return [...page.matchAll(/^```ts sample=([\w-]+)( gotify=3)?\n([\s\S]*?)^```$/gm)].map(
    ([, name = "", onlyOnThree, code = ""]) => ({
      name,
      code,
      output: [...code.matchAll(/^\s*\/\/> (.*)$/gm)].map(([, line = ""]) => line).join("\n"),
      personalities: onlyOnThree === undefined ? ["v2", "v3"] : ["v3"],
    }),
  );
}
