import { expect, test } from "vitest";
import { startLocalServer } from "../../../test/support/local-server.ts";
import { GotifyClient } from "../../gotify/client.ts";
import { GotifyHttpError } from "../../gotify/errors.ts";
import { createPostingGuard } from "./posting-guard.ts";

const SECOND_MS = 1_000;

async function setup() {
  const server = { status: 200, checks: 0, hold: undefined as Promise<void> | undefined };
  const { url } = await startLocalServer((_request, response) => {
    server.checks += 1;
    const answer = (): void => {
      response.writeHead(server.status, { "content-type": "application/json" });
      response.end(
        JSON.stringify(
          server.status === 200
            ? { health: "green", database: "green" }
            : { health: "orange", database: "red" },
        ),
      );
    };
    if (server.hold === undefined) answer();
    else void server.hold.then(answer);
  });
  const clock = { ms: 1_000_000 };
  const slept: number[] = [];
  const guard = createPostingGuard({
    elapsed: () => clock.ms,
    sleep: async (ms) => {
      slept.push(ms);
      clock.ms += ms;
    },
  });
  const client = new GotifyClient({ serverUrl: url });
  return { server, clock, slept, guard, client };
}

test("a server that was well within five seconds is not asked again", async () => {
  const { server, clock, guard, client } = await setup();
  await guard.assertReady(client, undefined);
  clock.ms += 5 * SECOND_MS;
  await guard.assertReady(client, undefined);
  expect(server.checks).toBe(1);
  clock.ms += 1;
  await guard.assertReady(client, undefined);
  expect(server.checks).toBe(2);
  clock.ms += 4 * SECOND_MS;
  guard.noteTaken(client);
  clock.ms += 4 * SECOND_MS;
  await guard.assertReady(client, undefined);
  expect(server.checks).toBe(2);
});

test("those who ask at the same time share one check, also when one of them gives up", async () => {
  const { server, guard, client } = await setup();
  const gate = Promise.withResolvers<void>();
  server.hold = gate.promise;
  const controller = new AbortController();
  const impatient = guard.assertReady(client, controller.signal);
  const patient = guard.assertReady(client, undefined);
  controller.abort(new Error("stopping"));
  await expect(impatient).rejects.toThrow("stopping");
  gate.resolve();
  await patient;
  expect(server.checks).toBe(1);
});

test("after a post that failed, the server is asked again, and what is wrong is said", async () => {
  const { server, clock, guard, client } = await setup();
  await guard.assertReady(client, undefined);
  guard.noteFailed(client, new Error("lost"));
  server.status = 500;
  await expect(guard.assertReady(client, undefined)).rejects.toThrow(/database is red/);
  server.status = 200;
  // Whoever comes right after is told the same without a wait.
  await expect(guard.assertReady(client, undefined)).rejects.toThrow(/database is red/);
  expect(server.checks).toBe(2);
  clock.ms += 2 * SECOND_MS;
  await guard.assertReady(client, undefined);
  expect(server.checks).toBe(3);
});

test("a short Retry-After is waited for, a long one is the host's to wait for", async () => {
  const { clock, slept, guard, client } = await setup();
  const tooMany = (retryAfterMs: number) =>
    new GotifyHttpError("too many", { code: "GOTIFY_RATE_LIMITED", status: 429, retryAfterMs });
  guard.noteFailed(client, tooMany(10 * SECOND_MS));
  clock.ms += 3 * SECOND_MS;
  await guard.assertReady(client, undefined);
  expect(slept).toEqual([7 * SECOND_MS]);
  guard.noteFailed(client, tooMany(60 * SECOND_MS));
  await expect(guard.assertReady(client, undefined)).rejects.toThrow(/another 60 s/);
  clock.ms += 60 * SECOND_MS;
  await guard.assertReady(client, undefined);
});

test("one who has given up already starts no check that nobody would hear of", async () => {
  const { server, guard, client } = await setup();
  server.status = 500;
  const gone = AbortSignal.abort(new Error("stopping"));
  await expect(guard.assertReady(client, gone)).rejects.toThrow("stopping");
  expect(server.checks).toBe(0);
});
