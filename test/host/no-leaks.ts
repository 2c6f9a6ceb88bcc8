// Owns the promise of every host test file: whatever it ran, none of the tokens it used shows in what was said or logged.
import { beforeAll } from "vitest";
import { findLeaks, watchForLeaks } from "../support/leaks.ts";

beforeAll(async () => {
  await watchForLeaks();
  // What the first of all hooks returns comes last: by then everything has been stopped and has said its last.
  return () => {
    const leaks = findLeaks();
    if (leaks.length > 0) throw new Error(`A token shows:\n${leaks.join("\n")}`);
  };
});
