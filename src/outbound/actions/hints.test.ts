import { expect, test } from "vitest";
import { agentPrompt } from "./hints.ts";

const SERVER = { serverUrl: "https://gotify.example", appToken: "A" };

const hints = (gotify: Record<string, unknown>) =>
  agentPrompt.messageToolHints?.({ cfg: { channels: { gotify } } }) ?? [];

test("an agent is told in a few short lines how to write for a notification", () => {
  const lines = hints({ ...SERVER, clientToken: "C" });
  expect(lines.length).toBeLessThanOrEqual(6);
  for (const line of lines) {
    expect(line).toMatch(/^- [^\n]{1,200}$/);
  }
  expect(lines.join(" ")).toMatch(/first line.*priority.*action="read"/);
});

test("reading is not offered where no token allows it", () => {
  expect(hints(SERVER).join(" ")).not.toContain('action="read"');
});
