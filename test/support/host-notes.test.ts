import { expect, test } from "vitest";
import { withoutHostNotes } from "./host-notes.ts";

const BEGIN = "<<<BEGIN_OPENCLAW_INTERNAL_CONTEXT>>>";
const END = "<<<END_OPENCLAW_INTERNAL_CONTEXT>>>";

test("the host's notes before, between and behind the words are taken away", () => {
  const prompt = [
    "[Sun 2026-11-22 22:16 UTC] Conversation info: ⟦openclaw:ctx⟧",
    "```json",
    '{"sender":{"id":"2"}}',
    "```",
    "",
    "Is the kettle on?",
    "And the lights?",
    "",
    "Runtime: agent=main | channel=gotify",
    BEGIN,
    "Conversation data",
    END,
  ].join("\n");
  expect(withoutHostNotes(prompt)).toBe("Is the kettle on?\nAnd the lights?");
});

test("words without notes stay as they are", () => {
  expect(withoutHostNotes("```json\n{}\n```\nRuntime is 3 hours")).toBe(
    "```json\n{}\n```\nRuntime is 3 hours",
  );
});
