// Owns an installation in which Gotify is not set up and no Gateway runs, with a Gotify server beside it.
import { inject, onTestFinished } from "vitest";
import { startEmulator, type Emulator, type Personality } from "../emulator/index.ts";
import { gatewayConfig } from "../support/gateway-config.ts";
import { noteSecret } from "../support/leaks.ts";
import { freePort } from "../support/loopback.ts";
import {
  createHome,
  isJsonObject,
  readConfig,
  runOpenClaw,
  writeConfig,
  type JsonObject,
  type OpenClawHome,
} from "../support/openclaw.ts";

export const USER = "ada";
export const PASSWORD = "once-and-never-again";

export interface Blank {
  readonly home: OpenClawHome;
  readonly emulator: Emulator;
  /** `channels.gotify` as it is in the file; `{}` where there is none. */
  readonly section: () => JsonObject;
  readonly run: (
    ...args: string[]
  ) => Promise<{ readonly code: number | null; readonly said: string }>;
}

/** Goes with the test that asks for it. */
export async function blank(personality: Personality): Promise<Blank> {
  noteSecret(PASSWORD);
  const emulator = await startEmulator({ personality, user: USER, password: PASSWORD });
  onTestFinished(() => emulator.stop());
  const home = createHome({ template: inject("installedState"), parent: inject("homesFolder") });
  onTestFinished(() => home.remove());
  const config = gatewayConfig(home, {
    port: await freePort(),
    token: "x".repeat(32),
    model: { url: "http://127.0.0.1:9" },
    gotify: {},
  });
  writeConfig(home, config);
  return {
    home,
    emulator,
    section: () => {
      const { channels } = readConfig(home);
      const section = isJsonObject(channels) ? channels["gotify"] : undefined;
      return isJsonObject(section) ? section : {};
    },
    async run(...args) {
      const { code, stdout, stderr } = await runOpenClaw(home, args, { timeoutMs: 90_000 });
      return { code, said: stdout + stderr };
    },
  };
}
