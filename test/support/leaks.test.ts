import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { startEmulator } from "../emulator/index.ts";
import { cleanEnvironment } from "./openclaw.ts";
import { startProcess } from "./captured-process.ts";
import {
  filesWith,
  findLeaks,
  noteLogs,
  noteOutput,
  noteSecret,
  noteServer,
  watchForLeaks,
} from "./leaks.ts";
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

test("a secret of the test's own is found, a key by any of its lines, and in files of whatever kind", () => {
  const key =
    "-----BEGIN PRIVATE KEY-----\nfirst+line/of+a+key\nlast+line/of+it==\n-----END PRIVATE KEY-----\n";
  noteSecret("the-password-of-a-person");
  noteSecret(key);
  expect(() => noteSecret("short")).toThrow(/Too short/);
  const before = findLeaks().length;
  noteOutput("a screen", () => "no: the-password-of-a-person");
  noteOutput("a log", () => `{"key":${JSON.stringify(key)}}`);
  noteOutput("a harmless one", () => "-----BEGIN PRIVATE KEY-----");
  const found = findLeaks().slice(before);
  expect(found).toHaveLength(3);
  expect(found.join()).not.toMatch(/password|line/);

  const folder = mkdtempSync(join(tmpdir(), "openclaw-gotify-leaks-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, "state"));
  writeFileSync(
    join(folder, "state", "some.sqlite"),
    Buffer.from("\0\u00ffthe-password-of-a-person\0"),
  );
  writeFileSync(join(folder, "other"), "nothing");
  expect(filesWith(folder, ["the-password-of-a-person"])).toEqual([join("state", "some.sqlite")]);
});
