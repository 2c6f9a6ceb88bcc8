import { expect, onTestFinished, test, vi } from "vitest";
import { startEmulator } from "../../test/emulator/index.ts";
import { administration, type Printed } from "../../test/support/administration.ts";
import { waitFor } from "../../test/support/wait.ts";
import { InterruptedError } from "./surroundings.ts";
import { tail, type TailOptions } from "./tail.ts";

const matching = (pattern: RegExp): unknown => expect.stringMatching(pattern);

async function setup() {
  const emulator = await startEmulator();
  onTestFinished(() => emulator.stop());
  const own = emulator.createApplication("OpenClaw");
  const backup = emulator.createApplication("Backup");
  const reader = emulator.createClient("OpenClaw");
  const { run, notes, said } = administration({
    serverUrl: emulator.url,
    appToken: own.token,
    clientToken: reader.token,
  });
  const stop = new AbortController();
  return {
    emulator,
    own,
    backup,
    reader,
    notes,
    run,
    push: (appid: number, message: string, priority = 5) =>
      emulator.push({ appid, message, priority }),
    /** Starts it, and waits until it listens. */
    start: async (options: TailOptions): Promise<{ ended: Promise<Printed> }> => {
      const ended = run((at) => tail(options, at), {
        interruptible: (work) => work(stop.signal),
      });
      await emulator.until(() => emulator.store.streamCount() === 1);
      return { ended };
    },
    stop: () => stop.abort(new InterruptedError()),
    lines: () => said().split("\n").filter(Boolean),
    printed: (text: string) => waitFor(text, () => said().includes(text)),
    noted: (text: string) => waitFor(text, () => notes.some((line) => line.includes(text))),
  };
}

test("what is posted is printed as it comes, one JSON object for each line, until it is stopped", async () => {
  const { own, push, start, stop, noted, printed, lines } = await setup();
  push(own.id, "from before");
  const { ended } = await start({ json: true });
  await noted("Waiting for messages");
  push(own.id, "first\nline");
  push(own.id, "second");
  await printed("second");
  expect(lines().map((line): unknown => JSON.parse(line))).toEqual([
    expect.objectContaining({ message: "first\nline", applicationName: "OpenClaw", priority: 5 }),
    expect.objectContaining({ message: "second" }),
  ]);
  stop();
  const { code, err } = await ended;
  expect([code, err]).toEqual([0, ""]);
});

test("only one application's messages are printed, and only from a priority on", async () => {
  const { own, backup, push, start, stop, noted, printed, lines } = await setup();
  const { ended } = await start({ app: "Backup", minPriority: "high" });
  await noted("Waiting for messages");
  push(backup.id, "quiet", 7);
  push(own.id, "somebody else", 9);
  push(backup.id, "loud\u001b[2J", 8);
  push(backup.id, "louder", 10);
  await printed("louder");
  expect(lines()).toEqual([
    expect.stringMatching(/^\d\d:\d\d:\d\d {2}3 {2}Backup \[8\] {2}loud \[2J$/),
    expect.stringContaining("louder"),
  ]);
  stop();
  await ended;
});

test("neither an application's name nor a title steers the terminal", async () => {
  const { emulator, push, start, stop, noted, printed, lines } = await setup();
  const evil = emulator.createApplication("Back\u001b[2Jup\u202e");
  const { ended } = await start({});
  await noted("Waiting for messages");
  emulator.push({ appid: evil.id, title: "ti\u009b2Jtle\n", message: "one\u0007", priority: 1 });
  push(evil.id, "two");
  await printed("two");
  expect(lines()[0]).toMatch(/^\d\d:\d\d:\d\d {2}1 {2}Back \[2Jup \[1\] {2}ti 2Jtle: one$/);
  stop();
  await ended;
});

test.each([
  ["EPIPE", 0, ""],
  ["ENOSPC", 1, "What comes cannot be written: write ENOSPC.\n"],
])("output that cannot be written to (%s) ends it with %d", async (code, exitCode, text) => {
  const { emulator, start, noted } = await setup();
  const { ended } = await start({ json: true });
  await noted("Waiting for messages");
  const error = Object.assign(new Error(`write ${code}`), { code });
  process.stdout.emit("error", error);
  const printed = await ended;
  // Another write was on its way; without a listener this would throw.
  process.stdout.emit("error", error);
  expect([printed.code, printed.out, printed.err]).toEqual([exitCode, "", text]);
  await emulator.until(() => emulator.store.streamCount() === 0);
});

test("one application's missed messages are not lost among others', and it says when there are too many", async () => {
  const { emulator, own, backup, push, start, stop, noted, notes, printed, lines } = await setup();
  const connections = (): number => notes.filter((line) => line === "Connected again.").length;
  const random = vi.spyOn(Math, "random").mockReturnValue(0.01);
  onTestFinished(() => random.mockRestore());
  const { ended } = await start({ app: "Backup" });
  await noted("Waiting for messages");
  await emulator.goDown();
  push(backup.id, "missed");
  for (let n = 0; n < 300; n += 1) push(own.id, "noise");
  await noted("Trying again");
  await emulator.comeBack();
  await printed("missed");
  push(backup.id, "live");
  await printed("live");
  expect(notes.join("\n")).not.toContain("Only the newest");
  // The newest of all is another application's; that nothing was missed is no reason to begin again.
  push(own.id, "noise");
  for (const times of [2, 3]) {
    emulator.faults.cutStreams();
    await waitFor("another connection", () => connections() === times);
  }
  const first = push(backup.id, "seen").id;
  await printed("seen");
  await emulator.goDown();
  for (let n = 1; n <= 250; n += 1) push(backup.id, `flood ${n}.`);
  push(own.id, "noise");
  await emulator.comeBack();
  await printed("flood 250.");
  await noted(`openclaw gotify messages list --all --since id:${first} --app app:${backup.id}`);
  const texts = lines().map((line) => line.split("  ").at(-1));
  expect(texts.slice(0, 3)).toEqual(["missed", "live", "seen"]);
  expect(texts.length).toBeGreaterThanOrEqual(3 + 200);
  expect(new Set(texts).size).toBe(texts.length);
  expect(texts.at(-1)).toBe("flood 250.");
  stop();
  await ended;
});

test("a server that takes the connection and drops it at once is asked ever more rarely", async () => {
  // A hundredth of what it may wait at most.
  const random = vi.spyOn(Math, "random").mockReturnValue(0.01);
  onTestFinished(() => random.mockRestore());
  const { emulator, start, stop, noted, notes } = await setup();
  const { ended } = await start({});
  await noted("Waiting for messages");
  const attempts = (): number => notes.filter((line) => line === "Connected again.").length;
  let lastMs = 0;
  for (let n = 1; n <= 6; n += 1) {
    lastMs = performance.now();
    emulator.faults.cutStreams();
    await emulator.until(() => attempts() === n);
  }
  // The sixth wait of 1, 2, 4, 8, 16 and 30 seconds; it is less than ten milliseconds when each is the first.
  expect(performance.now() - lastMs).toBeGreaterThan(290);
  stop();
  await ended;
});

test("after the server was away it goes on, with what was posted meanwhile, each once", async () => {
  const { emulator, own, push, start, stop, noted, printed, lines } = await setup();
  const listings = (): number =>
    emulator.store.requests().filter(({ url }) => url === "/application").length;
  const { ended } = await start({});
  await noted("Waiting for messages");
  push(own.id, "before");
  await printed("before");
  await emulator.goDown();
  push(own.id, "meanwhile 1");
  push(own.id, "meanwhile 2");
  await noted("Trying again");
  await emulator.comeBack();
  // While it asks for what it has missed: this comes over the stream and stands in the list.
  await emulator.until(() => listings() === 2);
  push(own.id, "live");
  await printed("live");
  push(own.id, "after");
  await printed("after");
  expect(lines().map((line) => line.split("  ").at(-1))).toEqual([
    "before",
    "meanwhile 1",
    "meanwhile 2",
    "live",
    "after",
  ]);
  expect(emulator.store.streamCount()).toBe(1);
  stop();
  await ended;
});

test("a server that was reset is followed, too, although its ids begin again", async () => {
  const { emulator, own, push, start, stop, noted, printed, lines } = await setup();
  const { ended } = await start({});
  await noted("Waiting for messages");
  for (const text of ["one", "two", "three"]) push(own.id, text);
  await printed("three");
  await emulator.goDown();
  emulator.store.resetMessages();
  await noted("Trying again");
  await emulator.comeBack();
  await noted("Connected again");
  push(own.id, "new one");
  await printed("new one");
  expect(lines()).toHaveLength(4);
  stop();
  await ended;
});

test("it ends with a line when its token is taken away, and when it cannot begin", async () => {
  const { emulator, reader, start, noted, run } = await setup();
  const { ended } = await start({ json: true });
  await noted("Waiting for messages");
  emulator.deleteClient(reader.id);
  const { code, json } = await ended;
  expect([code, json["code"]]).toEqual([1, "GOTIFY_UNAUTHORIZED"]);
  const again = await run((at) => tail({}, at));
  expect([again.code, again.out, again.err.trim().split("\n").length]).toEqual([1, "", 1]);
  await emulator.goDown();
  const down = await run((at) => tail({ json: true }, at));
  expect([down.code, down.json]).toMatchObject([
    1,
    // The latter on a connection that was kept from before.
    { ok: false, code: matching(/^GOTIFY_(?:UNREACHABLE|CONNECTION_LOST)$/) },
  ]);
  const bad = await run((at) => tail({ minPriority: "loud" }, at));
  expect([bad.code, bad.err]).toEqual([1, expect.stringContaining('not "loud"')]);
});
