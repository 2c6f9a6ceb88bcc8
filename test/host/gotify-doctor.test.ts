// Owns `openclaw gotify doctor` on the real command line: beside a running Gateway, which is asked, and without one; and what the host's own doctor shows of it.
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { startGotifySide, type GotifySide } from "../support/gotify-side.ts";
import { readConfig, runOpenClaw, writeConfig } from "../support/openclaw.ts";
import { connected, openStage, type Stage } from "./stage.ts";

const TEST_TIMEOUT_MS = 300_000;
const COLUMNS = 80;
/** Nobody is there: the doctor waits a minute for a local Gateway to come up, and for a remote one not at all. */
const NO_GATEWAY = { mode: "remote", remote: { url: "ws://127.0.0.1:9", token: "x".repeat(32) } };
const Report = z.object({
  ok: z.boolean(),
  at: z.iso.datetime(),
  findings: z.array(
    z.object({
      check: z.string(),
      account: z.string().optional(),
      level: z.enum(["ok", "warning", "error"]),
      message: z.string(),
      fix: z.string().optional(),
    }),
  ),
});
type Report = z.infer<typeof Report>;

let side: GotifySide;
let stage: Stage;
let turns = 0;

beforeAll(async () => {
  side = await startGotifySide();
  stage = await openStage({
    gotify: side.account({ commandsFrom: [String(side.person.id)] }),
    sections: { commands: { ownerAllowFrom: [`gotify:default/${side.person.id}`] } },
    script: ({ said }) => {
      turns += 1;
      return `Re: ${said}`;
    },
  });
  await connected(stage, "default");
}, TEST_TIMEOUT_MS);

afterAll(async () => {
  await stage.stop();
  await side.stop();
});

function expectNoSecret(text: string): void {
  for (const secret of side.secrets()) expect(text).not.toContain(secret);
}

async function report(...args: string[]): Promise<Report & { code: number | null }> {
  const { code, stdout, stderr } = await stage.gateway.run("gotify", "doctor", ...args, "--json");
  expect(stdout.trim().split("\n"), stdout + stderr).toHaveLength(1);
  expectNoSecret(stdout + stderr);
  return { code, ...Report.parse(JSON.parse(stdout)) };
}

function of({ findings }: Report, check: string): readonly string[] {
  return findings
    .filter((finding) => finding.check === check)
    .map(({ level, message }) => `${level}: ${message}`);
}

function isBad({ level }: Report["findings"][number]): boolean {
  return level !== "ok";
}

test(
  "beside a running Gateway it is the Gateway that looks, also at its stream, and a self-test leaves nothing behind",
  async () => {
    const well = await report();
    expect([well.code, well.ok, well.findings.filter(isBad)]).toEqual([0, true, []]);
    expect(of(well, "stream")).toEqual([
      expect.stringMatching(/^ok: The Gateway's stream is open since .* and answers in \d+ ms\.$/),
    ]);
    expect(of(well, "rights")).toEqual([expect.stringContaining('"Ada\'s phone"')]);
    expect(of(well, "self-test")).toEqual([]);
    const handshakes = (): number =>
      side.emulator.store.requests().filter(({ url }) => url === "/stream").length;
    const before = handshakes();

    const tested = await stage.gateway.run("gotify", "doctor", "--self-test");
    expect(tested.code, tested.stdout + tested.stderr).toBe(0);
    expectNoSecret(tested.stdout + tested.stderr);
    expect(tested.stdout).toMatch(/^Account default$/m);
    // The shell's line breaks taken out again.
    const words = tested.stdout.replaceAll(/\s+/g, " ");
    expect(words).toMatch(
      /✓ ok A message was posted to the application "OpenClaw" \(1\) in \d+ ms, and the Gateway took it in after/,
    );
    expect(words).toContain("✓ ok The message was deleted again.");
    expect(words).toContain("Everything is well.");
    for (const line of tested.stdout.split("\n"))
      expect(Array.from(line).length, line).toBeLessThanOrEqual(COLUMNS);
    expect(side.emulator.store.messages()).toEqual([]);
    expect(handshakes()).toBe(before);
    // Had the test been taken for a message, its turn would come before this one.
    await side.say("after the test");
    await side.replyWith("Re: after the test");
    expect(turns).toBe(1);
    // By then the Gateway has learned where it posts.
    expect(of(await report(), "application")).toEqual([
      'ok: Answers go to the application "OpenClaw" (1).',
    ]);

    const call = async (method: string, params: unknown) => {
      const args = ["gateway", "call", method, "--json", "--params", JSON.stringify(params)];
      const { stdout } = await stage.gateway.run(...args);
      return Report.parse(JSON.parse(stdout));
    };
    expect((await call("gotify.doctor", { account: "default" })).ok).toBe(true);
    // Asking for it by the method that only reads does nothing.
    expect(of(await call("gotify.doctor", { selfTest: true }), "self-test")).toEqual([]);
    expect(of(await call("gotify.doctor.selfTest", {}), "self-test")).toHaveLength(2);

    side.emulator.deleteClient(side.reader.id);
    const broken = await report();
    expect([broken.code, broken.ok]).toEqual([1, false]);
    expect(of(broken, "client-token")).toEqual([expect.stringMatching(/^error: .*\(401\)/)]);
    const nobody = await report("--account", "attic");
    expect([nobody.code, of(nobody, "accounts")]).toEqual([
      1,
      [expect.stringContaining('"attic"')],
    ]);
  },
  TEST_TIMEOUT_MS,
);

test(
  "without a Gateway it looks itself, by a stream of its own, and the host's doctor shows what is wrong",
  async () => {
    await stage.gateway.stop();
    const { home } = stage;
    const reader = side.emulator.createClient("OpenClaw");
    const gotify = side.account({
      clientToken: reader.token,
      commandsFrom: [String(side.person.id)],
    });
    writeConfig(home, { channels: { gotify } });
    const well = await report("--self-test");
    expect([well.code, well.ok]).toEqual([0, true]);
    expect(well.findings.filter(isBad).map(({ check }) => check)).toEqual(["not-running"]);
    expect(of(well, "stream")).toEqual([expect.stringMatching(/^ok: A stream opens/)]);
    expect(of(well, "self-test")).toEqual([
      expect.stringMatching(/^ok: .*arrived on the stream after \d+ ms\.$/),
      "ok: The message was deleted again.",
    ]);
    expect(of(well, "journal")).toEqual([expect.stringMatching(/^ok: The journal is whole/)]);
    expect(side.emulator.store.streamCount()).toBe(0);
    expect(side.emulator.store.messages().map(({ message }) => message)).toEqual([
      "after the test",
      "Re: after the test",
    ]);

    writeConfig(home, {
      channels: { gotify: { ...gotify, defaultPriority: 0, approvers: ["77"] } },
      gateway: NO_GATEWAY,
    });
    const silent = await runOpenClaw(home, ["gotify", "doctor"]);
    const words = silent.stdout.replaceAll(/\s+/g, " ");
    expect(silent.code).toBe(0);
    expect(words).toMatch(
      /! warning Answers are posted with priority 0, silent on phones.* → Set channels\.gotify\.defaultPriority/,
    );
    expect(words).toMatch(/Found: \d warnings\./);
    await side.emulator.goDown();
    const down = await runOpenClaw(home, ["gotify", "doctor"]);
    expect(down.code).toBe(1);
    expect(down.stdout.replaceAll(/\s+/g, " ")).toMatch(
      /✗ error Gotify at \S+ is not reachable: the connection was refused\. → Check/,
    );

    await side.emulator.comeBack();
    const hosts = await runOpenClaw(home, ["doctor", "--non-interactive"], { timeoutMs: 110_000 });
    expect(hosts.stdout).toContain("Doctor complete.");
    const told = hosts.stdout.replaceAll(/[│◇├╮╯─]/g, " ").replaceAll(/\s+/g, " ");
    for (const finding of [
      "channels.gotify: account default: Answers are posted with priority 0, silent on phones",
      'channels.gotify.approvers names what is no application of this Gotify user: "77"',
    ]) {
      expect(told.split(finding).length - 1, finding).toBe(1);
    }
    expectNoSecret(hosts.stdout + hosts.stderr);
    expect(JSON.stringify(readConfig(home))).toContain('"77"');
  },
  TEST_TIMEOUT_MS,
);
