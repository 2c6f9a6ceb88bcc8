// Owns the server's process: a Gotify of its own for each measurement, emulated or real, so that none inherits what another one stored.
import { startEmulator, type Emulator } from "../test/emulator/index.ts";
import { startRealTown, storeInTown } from "./real-town.ts";
import { serve } from "./worker.ts";

/** A Gotify with what a measurement needs in it. */
export interface Town {
  readonly url: string;
  readonly clientTokens: readonly string[];
  readonly applications: readonly { readonly id: number; readonly token: string }[];
}

let emulator: Emulator | undefined;
let real: Town | undefined;
/** How far the emulator's clock is behind. */
let behindMs = 0;

const calls = {
  async start(wanted: { applications: number; clients: number }): Promise<Town> {
    const binary = process.env["GOTIFY_BIN"];
    if (binary) {
      real = await startRealTown(binary, wanted);
      return real;
    }
    const gotify = await startEmulator({ now: () => new Date(Date.now() - behindMs) });
    emulator = gotify;
    return {
      url: gotify.url,
      clientTokens: list(wanted.clients, (name) => gotify.createClient(name).token),
      applications: list(wanted.applications, (name) => gotify.createApplication(name)),
    };
  },
  /** Stores messages by the applications in turn; where the clock is ours, one each second up to now. */
  async store({ count, applicationIds }: { count: number; applicationIds: readonly number[] }) {
    if (real !== undefined) return storeInTown(real, count);
    for (let left = count; left > 0; left -= 1) {
      behindMs = left * 1_000;
      emulator?.push({
        appid: applicationIds[left % applicationIds.length] ?? 0,
        title: "Backup",
        message: storedText(left),
        priority: 5,
      });
    }
    behindMs = 0;
  },
} satisfies Record<string, (argument: never) => unknown>;

function storedText(number: number): string {
  return `Message ${number}: volume /srv/data was copied, 1,204 files, 3.1 GB, no errors.`;
}

export type EmulatorCalls = typeof calls;

function list<T>(count: number, make: (name: string) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(`bench ${index + 1}`));
}

serve(calls);
