import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { startEmulator } from "../emulator/index.ts";
import { cleanEnvironment } from "./openclaw.ts";
import { startProcess } from "./captured-process.ts";
import { findLeaks, noteLogs, noteServer, watchForLeaks } from "./leaks.ts";
import { listenOnLoopback } from "./loopback.ts";

test("a token that an emulator gave out is found wherever it shows, and is not shown again", async () => {
  await watchForLeaks();
  const emulator = await startEmulator();
  onTestFinished(() => emulator.stop());
  const { token } = emulator.createApplication("bot");
  expect(findLeaks()).toEqual([]);

  const said = startProcess("echo", ["it", "is", token], {
    cwd: tmpdir(),
    env: cleanEnvironment(),
  });
  await said.exited;

  const folder = mkdtempSync(join(tmpdir(), "openclaw-gotify-leaks-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "openclaw.log"), "with AgeheimGeheim01 in it");
  writeFileSync(join(folder, "openclaw.json"), JSON.stringify({ appToken: token }));
  noteLogs(folder);

  const server = await listenOnLoopback(createServer((_, response) => response.end(token)));
  onTestFinished(server.close);
  noteServer(server.url);
  await (await fetch(server.url)).text();

  await expect.poll(() => findLeaks().length).toBe(3);
  const found = findLeaks();
  expect(found[0]).toContain("it is <token>");
  expect(found[1]).toContain("openclaw.log: with <token> in it");
  expect(found[2]).toContain(`the answer of ${server.url}`);
  expect(found.join()).not.toContain(token);
});
