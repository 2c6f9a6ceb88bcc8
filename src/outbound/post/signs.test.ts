import { expect, test } from "vitest";
import { createSigns } from "./signs.ts";

const STARTED_AT = 1_000_000;
/** By an earlier process. */
const BEFORE = STARTED_AT - 1;

function setup() {
  const clock = { ms: 100 };
  const [now, elapsed] = [() => STARTED_AT, () => clock.ms];
  return { clock, signs: createSigns({ now, elapsed }) };
}

test("only a post that went through after the doubt is a sign, and the first one counts", () => {
  const { clock, signs } = setup();
  signs.noteTaken("home");
  signs.noteDoubt("home", "d-1");
  expect(signs.takenSince("home", "d-1", BEFORE)).toBeUndefined();
  clock.ms = 200;
  signs.noteTaken("home");
  clock.ms = 300;
  signs.noteTaken("home");
  expect(signs.takenSince("home", "d-1", BEFORE)).toBe(200);
});

test("a new doubt of the same delivery needs a new sign; another account's posts are none", () => {
  const { clock, signs } = setup();
  signs.noteDoubt("home", "d-1");
  signs.noteTaken("home");
  clock.ms = 200;
  signs.noteDoubt("home", "d-1");
  signs.noteTaken("work");
  expect(signs.takenSince("home", "d-1", BEFORE)).toBeUndefined();
});

test("for a doubt of an earlier process, the first post of this one is a sign", () => {
  const { clock, signs } = setup();
  expect(signs.takenSince("home", "d-0", BEFORE)).toBeUndefined();
  signs.noteTaken("home");
  clock.ms = 200;
  signs.noteTaken("home");
  expect(signs.takenSince("home", "d-0", BEFORE)).toBe(100);
});

test("doubts are remembered up to a bound", () => {
  const { clock, signs } = setup();
  for (let index = 0; index <= 1_000; index += 1) signs.noteDoubt("home", `d-${index}`);
  clock.ms = 200;
  signs.noteTaken("home");
  signs.noteDoubt("home", "d-5");
  expect(signs.takenSince("home", "d-5", BEFORE)).toBeUndefined();
  expect(signs.takenSince("home", "d-1", BEFORE)).toBe(200);
  // Forgotten, and so taken for one of an earlier process.
  expect(signs.takenSince("home", "d-0", BEFORE)).toBe(200);
});

test("a post that began elsewhere while this process ran is in doubt from when it is asked about", () => {
  const { clock, signs } = setup();
  signs.noteTaken("home");
  expect(signs.takenSince("home", "d-1", STARTED_AT)).toBeUndefined();
  clock.ms = 200;
  signs.noteTaken("home");
  expect(signs.takenSince("home", "d-1", STARTED_AT)).toBe(200);
});
