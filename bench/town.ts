// Owns the Gotify of one measurement: in a process of its own, gone with the measurement.
import type { EmulatorCalls, Town } from "./emulator-process.ts";
import { startWorker, type Worker } from "./worker.ts";

/** Runs `measure` against a new Gotify. */
export async function inTown<T>(
  wanted: { readonly applications: number; readonly clients?: number },
  measure: (town: Town, emulator: Worker<EmulatorCalls>) => Promise<T>,
): Promise<T> {
  await using emulator = startWorker<EmulatorCalls>("./emulator-process.ts");
  const { applications, clients = 1 } = wanted;
  return await measure(await emulator.call("start", { applications, clients }), emulator);
}

/** What a bridge needs to know of it. */
export function placeIn({ url, clientTokens, applications }: Town) {
  return { url, clientToken: clientTokens[0] ?? "", appToken: applications[0]?.token ?? "" };
}
