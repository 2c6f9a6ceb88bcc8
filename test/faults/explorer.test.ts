// Owns the property that the way in exists for: whatever goes wrong, each message is handed to the agent exactly once.
import { expect, test } from "vitest";
import { explore } from "./explore.ts";

const FIRST = Number(process.env["FAULT_SEED"] ?? 1);
const SEEDS = Number(process.env["FAULT_SEEDS"] ?? 500);
/** Explorations mostly wait for their own network; so many share a process. */
const AT_A_TIME = 8;

test(`each message is handed over exactly once, in ${SEEDS} explorations from seed ${FIRST}`, async () => {
  const failures: string[] = [];
  let next = FIRST;
  let messages = 0;
  let deaths = 0;
  const worker = async (): Promise<void> => {
    while (next < FIRST + SEEDS) {
      const seed = next;
      next += 1;
      const result = await explore(seed);
      messages += result.messages;
      deaths += result.deaths;
      if (result.failures.length === 0) continue;
      failures.push(
        `npm run test:faults -- --seeds 1 --seed ${seed}\n  ${result.failures.join(", ")}\n  ${result.story.join(" > ")}`,
      );
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, worker));
  console.log(`${SEEDS} explorations: ${messages} messages, ${deaths} deaths of the process.`);
  expect(failures.join("\n\n")).toBe("");
  // An exploration in which nothing happens would prove nothing.
  expect(messages).toBeGreaterThan(SEEDS * 5);
  expect(deaths).toBeGreaterThanOrEqual(SEEDS >= 50 ? SEEDS / 4 : 0);
});
