// Owns the proof that the client library works from the tarball in a project of its own, without OpenClaw.
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { startEmulator } from "../emulator/index.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const run = promisify(execFile);

/** What somebody else's program would look like; it is type-checked as strictly as this project. */
const PROGRAM = `
import { GotifyClient, isGotifyError, type GotifyMessage } from "@partme.ai/openclaw-gotify/client";

const [serverUrl = "", user = "", password = ""] = process.argv.slice(2);
const login = { user, password };
const first = await new GotifyClient({ serverUrl }).bootstrap({
  login,
  clientName: "a program",
  applicationName: "a program",
});
const client = new GotifyClient({ serverUrl, appToken: first.appToken, clientToken: first.clientToken });
const heard: GotifyMessage[] = [];
const stream = await client.openStream({ onMessage: (message) => heard.push(message) });
const { id } = await client.sendMessage({ message: "hello", priority: 3 });
const listed: number[] = [];
for await (const page of client.readPages({ appId: first.application.id })) {
  listed.push(...page.messages.map((message) => message.id));
}
await client.deleteMessage(id);
const code = await client.deleteMessage(id).then(
  () => "none",
  (error: unknown) => (isGotifyError(error) ? error.code : "another"),
);
await stream.close();
console.log(JSON.stringify({ heard: heard.map((message) => message.message), listed: listed.length, code }));
`;

test("a program that installs the package alone can use the client, with types", async () => {
  const folder = mkdtempSync(join(tmpdir(), "openclaw-gotify-alone-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const emulator = await startEmulator();
  onTestFinished(() => emulator.stop());

  const pack = await run("npm", ["pack", "--silent", "--pack-destination", folder], { cwd: root });
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module", private: true }));
  await run("npm", ["install", "--silent", "--ignore-scripts", join(folder, pack.stdout.trim())], {
    cwd: folder,
  });
  expect(existsSync(join(folder, "node_modules/openclaw"))).toBe(false);

  mkdirSync(join(folder, "src"));
  const program = join(folder, "src/program.ts");
  writeFileSync(program, PROGRAM);
  const config = {
    extends: join(root, "tsconfig.json"),
    compilerOptions: { typeRoots: [join(root, "node_modules/@types")], skipLibCheck: false },
    include: ["src"],
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const types = await run(process.execPath, [tsc, "-p", folder]).catch((error: unknown) => error);
  expect(types).toMatchObject({ stdout: "" });

  const { stdout } = await run(process.execPath, [program, emulator.url, "admin", "admin"], {
    cwd: folder,
  });
  expect(JSON.parse(stdout)).toEqual({ heard: ["hello"], listed: 1, code: "GOTIFY_NOT_FOUND" });
});
