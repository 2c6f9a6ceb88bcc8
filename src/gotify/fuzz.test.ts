import { inspect } from "node:util";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { GotifyClient } from "./client.ts";
import { isGotifyError } from "./errors.ts";
import { takeFrame } from "./stream-frame.ts";

const SECRETS = ["Ageheim-app", "Cgeheim-client", "geheim-password"];
const [appToken = "", clientToken = "", password = ""] = SECRETS;
const login = { user: "admin", password };

/** What a well-behaved server sends, for the fuzzer to spoil. */
const message = {
  id: 1,
  appid: 2,
  message: "text",
  title: "title",
  priority: 5,
  extras: { a: 1 },
  date: "2026-11-22T10:00:00.123456789Z",
};
const samples: readonly unknown[] = [
  message,
  { messages: [message], paging: { size: 1, since: 5, limit: 100, next: "x" } },
  [{ id: 1, name: "app", token: "t", image: "static/x.png" }],
  { id: 1, name: "admin", admin: true },
  { health: "green", database: "green" },
  { version: "3.0.0", register: false, oidc: false },
  {
    error: "Unauthorized",
    errorCode: 401,
    errorDescription: `bad token ${clientToken} ${appToken}`,
  },
  { regenerateToken: { token: "t" } },
];

/** A good answer with some of its members replaced by anything. */
const spoiled = fc
  .tuple(
    fc.constantFrom(...samples),
    fc.array(fc.tuple(fc.nat(12), fc.jsonValue()), { maxLength: 3 }),
  )
  .map(([sample, changes]) => {
    const copy: unknown = structuredClone(sample);
    for (const [index, value] of changes) spoil(copy, index, value);
    return JSON.stringify(copy);
  });

function spoil(target: unknown, index: number, value: unknown): void {
  if (typeof target !== "object" || target === null) return;
  const keys = Object.keys(target);
  const key = keys[index % Math.max(keys.length, 1)];
  if (key === undefined) return;
  const inner: unknown = Reflect.get(target, key);
  if (typeof inner === "object" && inner !== null && index % 2 === 0)
    spoil(inner, index >> 1, value);
  else Reflect.set(target, key, value);
}

const body = fc.oneof(
  spoiled,
  fc.json(),
  fc.string({ unit: "binary" }),
  fc.constantFrom(
    "",
    "null",
    "[]",
    "{}",
    "Use HTTPS",
    `<html>${password}</html>`,
    "\u0000",
    `{"a":`,
  ),
);

const answer = fc.record({
  status: fc.oneof(
    { weight: 2, arbitrary: fc.constant(200) },
    fc.constantFrom(200, 201, 204, 301, 302, 307, 400, 401, 403, 404, 408, 413, 429, 500, 502, 503),
    fc.integer({ min: 200, max: 599 }),
  ),
  body,
  headers: fc.dictionary(
    fc.constantFrom("content-type", "retry-after", "location", "date"),
    fc.oneof(
      fc.constantFrom(
        "text/html",
        "application/json",
        "7",
        "https://elsewhere.invalid/?token=x",
        "//",
      ),
      fc.stringMatching(/^[\x20-\x7e]{0,30}$/),
    ),
  ),
});

/** Every call of the client, by name. */
const calls: Readonly<Record<string, (client: GotifyClient) => Promise<unknown>>> = {
  health: (client) => client.health(),
  version: (client) => client.version(),
  info: (client) => client.info(),
  currentUser: (client) => client.currentUser(),
  probeAppToken: (client) => client.probeAppToken(),
  probeClientToken: (client) => client.probeClientToken(),
  sendMessage: (client) => client.sendMessage({ message: "x", appId: 1 }),
  listMessages: (client) => client.listMessages(),
  readPages: async (client) => {
    const pages = [];
    for await (const page of client.readPages({ maxMessages: 3, pageSize: 2 })) pages.push(page);
  },
  deleteMessage: (client) => client.deleteMessage(1),
  deleteApplicationMessages: (client) => client.deleteApplicationMessages(1),
  deleteAllMessages: (client) => client.deleteAllMessages(),
  listApplications: (client) => client.listApplications(),
  createApplication: (client) => client.createApplication({ name: "x" }),
  updateApplication: (client) => client.updateApplication(1, { name: "x" }),
  deleteApplication: (client) => client.deleteApplication(1, { login }),
  uploadImage: (client) =>
    client.uploadApplicationImage(1, { data: new Uint8Array([1]), fileName: "x.png" }),
  deleteImage: (client) => client.deleteApplicationImage(1),
  rotateToken: (client) => client.rotateApplicationToken(1, { login }),
  listClients: (client) => client.listClients(),
  createClient: (client) => client.createClient({ name: "x" }),
  updateClient: (client) => client.updateClient(1, { name: "x" }),
  deleteClient: (client) => client.deleteClient(1),
  elevateClient: (client) => client.elevateClient(1, 60, { login }),
  bootstrap: (client) => client.bootstrap({ login, clientName: "x", applicationName: "y" }),
};

function responseOf({
  status,
  body: text,
  headers,
}: {
  status: number;
  body: string;
  headers: object;
}) {
  const mayHaveBody = status !== 204 && status !== 205 && status !== 304;
  return new Response(mayHaveBody ? text : null, { status, headers: Object.entries(headers) });
}

test("10,000 answers of any kind: a checked value or a typed error, and no secret in it", async () => {
  let typedErrors = 0;
  let values = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...Object.keys(calls)),
      fc.array(answer, { minLength: 1, maxLength: 3 }),
      async (name, answers) => {
        let next = 0;
        const client = new GotifyClient({
          serverUrl: "https://push.example.com/gotify",
          appToken,
          clientToken,
          fetch: async () => {
            const given = answers[next % answers.length];
            next += 1;
            if (given === undefined) throw new TypeError("fetch failed");
            return responseOf(given);
          },
        });
        const error: unknown = await calls[name]?.(client).then(
          () => undefined,
          (reason: unknown) => reason,
        );
        if (error === undefined) {
          values += 1;
          return;
        }
        typedErrors += 1;
        // Thrown rather than expected: the fuzzer shrinks whatever breaks the property.
        if (!isGotifyError(error)) throw new Error(`not a typed error: ${inspect(error)}`);
        if (!/^[^\n]{10,900}$/.test(error.message))
          throw new Error(`not one line: ${error.message}`);
        const shown = inspect(error, { depth: 6 });
        if (SECRETS.some((secret) => shown.includes(secret)))
          throw new Error(`a secret in: ${shown}`);
      },
    ),
    { numRuns: 10_000 },
  );
  // Neither side of the property may be empty.
  expect(typedErrors).toBeGreaterThan(1_000);
  expect(values).toBeGreaterThan(1_000);
}, 60_000);

test("10,000 frames of any kind: a message or a counted drop, and never an exception", () => {
  const counts = { messages: 0, dropped: 0, errors: 0 };
  const options = {
    maxFrameBytes: 2_000,
    onMessage: ({
      id,
      appId,
      message: text,
    }: {
      id: unknown;
      appId: unknown;
      message: unknown;
    }) => {
      counts.messages += 1;
      expect([typeof id, typeof appId, typeof text]).toEqual(["number", "number", "string"]);
    },
    onDropped: () => {
      counts.dropped += 1;
    },
    onHandlerError: (error: unknown) => {
      counts.errors += 1;
      throw error;
    },
  };
  fc.assert(
    fc.property(
      fc.oneof(
        spoiled.map((text) => Buffer.from(text)),
        body.map((text) => Buffer.from(text)),
        fc.uint8Array({ maxLength: 3_000 }).map((bytes) => Buffer.from(bytes)),
      ),
      fc.boolean(),
      fc.boolean(),
      (bytes, isBinary, inParts) => {
        const middle = bytes.length >> 1;
        const data = inParts ? [bytes.subarray(0, middle), bytes.subarray(middle)] : bytes;
        takeFrame(options, data, isBinary);
      },
    ),
    { numRuns: 10_000 },
  );
  expect(counts.errors).toBe(0);
  expect(counts.messages + counts.dropped).toBe(10_000);
  expect(counts.messages).toBeGreaterThan(100);
});
