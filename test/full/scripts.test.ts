// Owns the proof that the two scripts a newcomer starts with do what the README says, and end as they should.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test, vi } from "vitest";
import { freePort } from "../support/loopback.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Starts `node scripts/run.mjs …` as npm does, with nothing of Gotify in its environment but what is given. */
function start(args: readonly string[], gotify: Readonly<Record<string, string>> = {}) {
  const own = Object.entries(process.env).filter(([name]) => !/^(?:GOTIFY|OPENCLAW)_/.test(name));
  const child = spawn(process.execPath, ["scripts/run.mjs", ...args], {
    cwd: root,
    env: { ...Object.fromEntries(own), ...gotify, NO_COLOR: "1" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output = { text: "" };
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => {
      output.text += chunk.toString("utf8");
    });
  }
  const exited = once(child, "exit").then(([code]: unknown[]) => code);
  onTestFinished(async () => {
    child.kill();
    await exited;
  });
  return { child, output, exited };
}

test("the demo makes one round trip with nothing configured, and ends", async () => {
  const demo = start(["demo", "--once"]);
  expect(await demo.exited, demo.output.text).toBe(0);
  expect(demo.output.text).toMatch(/you +Hello!.*\n.*agent .*Hello!/);
});

test("the demo says in one line what is wrong with a server that is not there", async () => {
  const gotify = {
    GOTIFY_URL: `http://127.0.0.1:${await freePort()}`,
    GOTIFY_USER: "a",
    GOTIFY_PASS: "b",
  };
  const demo = start(["demo", "--once"], gotify);
  expect(await demo.exited).toBe(1);
  expect(demo.output.text.trim().split("\n").at(-1)).toMatch(
    /not reachable: the connection was refused/,
  );
});

test("the emulator serves its user on the port it names, and stops when it is told to", async () => {
  const emulator = start(["gotify", "--port", "0", "--v2"]);
  await vi.waitFor(() => expect(emulator.output.text).toMatch(/Address +http/), {
    timeout: 20_000,
  });
  const url = /Address +(\S+)/.exec(emulator.output.text)?.[1] ?? "";
  const authorization = `Basic ${Buffer.from("admin:admin").toString("base64")}`;
  const answer = await fetch(`${url}/current/user`, { headers: { authorization } });
  expect(await answer.json()).toMatchObject({ name: "admin", admin: true });
  emulator.child.kill("SIGTERM");
  expect(await emulator.exited).toBe(0);
});
