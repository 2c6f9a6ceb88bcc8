import { describe, expect, test } from "vitest";
import { healthRouteRemarks } from "./health-route.ts";

function cfgWith(healthToken: unknown) {
  return { channels: { gotify: { healthToken } } };
}

const REFERENCE = { source: "env", provider: "default", id: "GONE" };

describe("a health token that nobody can show is told, with what to do", () => {
  test.each([
    ["   ", /is empty\.$/u, /^Write a token/u],
    [5, /is no text\.$/u, /remove the key/u],
    ["two\nlines", /holds a line break/u, /^Write a token/u],
    [REFERENCE, /could not be read from the environment variable GONE\.$/u, /secrets reload/u],
    ["${GONE}", /could not be read from the environment variable GONE\.$/u, /secrets reload/u],
  ])("%j", (healthToken, message, fix) => {
    const [remark, ...more] = healthRouteRemarks({ cfg: cfgWith(healthToken) });
    expect(more).toEqual([]);
    expect(remark).toMatchObject({ check: "health-route", level: "warning" });
    expect(remark?.message).toMatch(/^The health route lets nobody in: /u);
    expect(remark?.message).toMatch(message);
    expect(remark?.fix).toMatch(fix);
    expect(JSON.stringify(remark)).not.toContain("two");
  });
});

test.each([undefined, "monitor", "with blanks", "Schlüssel"])("%j is fine", (healthToken) => {
  expect(healthRouteRemarks({ cfg: cfgWith(healthToken) })).toEqual([]);
});

test("a reference is no finding where nobody has resolved any, and an empty token is one", () => {
  expect(healthRouteRemarks({ cfg: cfgWith(REFERENCE), quick: true })).toEqual([]);
  expect(healthRouteRemarks({ cfg: cfgWith(""), quick: true })).toHaveLength(1);
});
