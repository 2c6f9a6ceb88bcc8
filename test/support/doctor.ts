// Owns a visit of the doctor in a unit test: an emulated server, a state folder of its own, and the report in a form to look things up in.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { expect, onTestFinished, vi } from "vitest";
import type { DoctorWorld } from "../../src/operate/doctor/check.ts";
import { findOwnApplication } from "../../src/operate/doctor/own-application.ts";
import type { DoctorReport, Finding, FindingLevel } from "../../src/operate/doctor/report.ts";
import { runDoctor, type DoctorOptions } from "../../src/operate/doctor/run.ts";
import { startEmulator, type EmulatorOptions } from "../emulator/index.ts";
import { textLike } from "./like.ts";

export interface Practice {
  readonly stateDir: string;
  readonly emulator: Awaited<ReturnType<typeof startEmulator>>;
  readonly app: { readonly id: number; readonly token: string };
  readonly reader: { readonly id: number; readonly token: string };
  readonly phone: { readonly id: number; readonly token: string };
  /** An account that works, changed. */
  readonly account: (changes?: Readonly<Record<string, unknown>>) => Record<string, unknown>;
  readonly visit: (
    gotify: Readonly<Record<string, unknown>>,
    options?: Partial<DoctorOptions>,
    world?: Partial<DoctorWorld>,
  ) => Promise<Visited>;
}

export interface Visited extends DoctorReport {
  /** The findings of one check, as `level: message → fix`. */
  readonly of: (check: string, account?: string) => readonly string[];
  /** Everything that is not well. */
  readonly bad: readonly Finding[];
}

export async function openPractice(options: EmulatorOptions = {}): Promise<Practice> {
  const stateDir = mkdtempSync(join(tmpdir(), "openclaw-gotify-doctor-"));
  onTestFinished(() => rmSync(stateDir, { recursive: true }));
  // The pairing store is the host's, and found by this.
  vi.stubEnv("OPENCLAW_STATE_DIR", stateDir);
  onTestFinished(() => void vi.unstubAllEnvs());
  const emulator = await startEmulator(options);
  onTestFinished(() => emulator.stop());
  const app = emulator.createApplication("OpenClaw");
  const reader = emulator.createClient("OpenClaw");
  const phone = emulator.createApplication("Ada's phone");
  const realWorld: DoctorWorld = {
    now: Date.now,
    callTimeoutMs: 8_000,
    stateDir: () => stateDir,
    hostVersion: () => "2026.9.6",
    isGateway: false,
    vitalsOf: () => undefined,
    ownApplication: findOwnApplication,
  };
  return {
    stateDir,
    emulator,
    app,
    reader,
    phone,
    account: (changes = {}) => ({
      serverUrl: emulator.url,
      appToken: app.token,
      clientToken: reader.token,
      dmPolicy: "allowlist",
      allowFrom: [String(phone.id)],
      commandsFrom: [String(phone.id)],
      ...changes,
    }),
    async visit(gotify, changes = {}, world = {}) {
      const cfg: OpenClawConfig = {
        session: { dmScope: "per-account-channel-peer" },
        commands: { ownerAllowFrom: [`gotify:default/${phone.id}`] },
        channels: { gotify },
      };
      const report = await runDoctor(
        { cfg, signal: new AbortController().signal, ...changes },
        { ...realWorld, ...world },
      );
      for (const secret of [app.token, reader.token, phone.token]) {
        expect(JSON.stringify(report)).not.toContain(secret);
      }
      return inspect(report);
    },
  };
}

function inspect(report: DoctorReport): Visited {
  for (const { level, message, fix } of report.findings) {
    expect(message).toMatch(/^[^\p{Cc}]+$/u);
    // What is wrong comes with what to do.
    if (level !== "ok") expect({ message, fix }).toMatchObject({ fix: textLike(/^[^\p{Cc}]+$/u) });
  }
  return {
    ...report,
    of: (check, account) =>
      report.findings
        .filter((finding) => finding.check === check)
        .filter((finding) => account === undefined || finding.account === account)
        .map(
          ({ level, message, fix }) =>
            `${level}: ${message}${fix === undefined ? "" : ` → ${fix}`}`,
        ),
    bad: report.findings.filter(({ level }: { level: FindingLevel }) => level !== "ok"),
  };
}
