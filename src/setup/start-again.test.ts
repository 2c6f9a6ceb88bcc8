import { expect, test } from "vitest";
import type { JsonObject } from "../gotify/parse.ts";
import { startAgain, type CallGateway } from "./start-again.ts";

const QUICK = { totalMs: 60_000, pauseMs: 1 };

/** Stands in for the host's way to the Gateway: answers one after the other, the last for good. */
function gateway(...answers: readonly (JsonObject | Error)[]) {
  const calls: (readonly [method: string, params: JsonObject])[] = [];
  const timeouts: number[] = [];
  const call: CallGateway = async (method, { timeout }, params) => {
    const answer = answers[Math.min(calls.length, answers.length - 1)];
    calls.push([method, params]);
    timeouts.push(Number(timeout));
    if (answer === undefined || answer instanceof Error) throw answer ?? new Error("no answer");
    return answer;
  };
  return { call, calls, timeouts };
}

const START = ["channels.start", { channel: "gotify", accountId: "phone" }];

test("asks the Gateway to start the account until it has loaded what was written", async () => {
  const { call, calls } = gateway({ started: false }, { started: false }, { started: true });
  await startAgain({}, "phone", call, QUICK);
  expect(calls).toEqual([START, START, START]);
});

test("gives up in silence where no Gateway runs, and asks none that is elsewhere", async () => {
  const none = gateway(new Error("connect ECONNREFUSED"));
  await startAgain({}, "phone", none.call, QUICK);
  expect(none.calls).toEqual([START]);
  const elsewhere = gateway({ started: true });
  await startAgain({ gateway: { mode: "remote" } }, "phone", elsewhere.call, QUICK);
  expect(elsewhere.calls).toEqual([]);
});

test("holds the guide for so long in all, and no call for longer", async () => {
  const { call, calls, timeouts } = gateway({ started: false });
  const totalMs = 50;
  await startAgain({}, "phone", call, { totalMs, pauseMs: 20 });
  expect(calls.length).toBeGreaterThan(0);
  expect(calls.length).toBeLessThanOrEqual(4);
  expect(Math.max(...timeouts)).toBeLessThanOrEqual(totalMs);
  expect(timeouts).toEqual(timeouts.toSorted((one, other) => other - one));
});
