// Owns the emulator's process: a Gotify of its own for each measurement, so that none inherits what another one stored.
import { startEmulator, type Emulator } from "../test/emulator/index.ts";
import { serve } from "./worker.ts";

/** A Gotify with what a measurement needs in it. */
export interface Town {
  readonly url: string;
  readonly clientTokens: readonly string[];
  readonly applications: readonly { readonly id: number; readonly token: string }[];
}

let emulator: Emulator | undefined;
/** How far the emulator's clock is behind. */
let behindMs = 0;

const calls = {
  async start(wanted: { applications: number; clients: number }): Promise<Town> {
    const gotify = await startEmulator({ now: () => new Date(Date.now() - behindMs) });
    emulator = gotify;
    return {
      url: gotify.url,
      clientTokens: list(wanted.clients, (name) => gotify.createClient(name).token),
      applications: list(wanted.applications, (name) => gotify.createApplication(name)),
    };
  },
  /** Stores messages, one each second up to now, by the applications in turn. */
  store({ count, applicationIds }: { count: number; applicationIds: readonly number[] }): void {
    for (let left = count; left > 0; left -= 1) {
      behindMs = left * 1_000;
      emulator?.push({
        appid: applicationIds[left % applicationIds.length] ?? 0,
        title: "Backup",
        message: `Message ${left}: volume /srv/data was copied, 1,204 files, 3.1 GB, no errors.`,
        priority: 5,
      });
    }
    behindMs = 0;
  },
} satisfies Record<string, (argument: never) => unknown>;

export type EmulatorCalls = typeof calls;

function list<T>(count: number, make: (name: string) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(`bench ${index + 1}`));
}

serve(calls);
