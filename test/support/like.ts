// Owns matchers for use inside other values: vitest's own are typed `any`.
import { expect } from "vitest";

export function textLike(pattern: RegExp): unknown {
  return expect.stringMatching(pattern);
}

export function anyNumber(): unknown {
  return expect.any(Number);
}
