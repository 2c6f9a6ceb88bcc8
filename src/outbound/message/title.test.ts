import { expect, test } from "vitest";
import { resolveAccount } from "../../config/accounts.ts";
import { chooseTitle, numberedTitle } from "./title.ts";

function titleOf(
  options: {
    template?: string;
    asked?: string;
    text?: string;
    agentName?: string;
    agentId?: string;
    appName?: string;
    plain?: boolean;
  } = {},
) {
  const gotify = {
    serverUrl: "https://gotify.lan",
    appToken: "Aaaaaaaaaaaaaaa",
    name: "Home",
    ...(options.template === undefined ? {} : { title: options.template }),
  };
  return chooseTitle({
    asked: options.asked,
    account: resolveAccount({ channels: { gotify } }, null),
    answers: {
      agentName: options.agentName,
      agentId: options.agentId,
      appName: options.appName,
    },
    text: options.text ?? "# Done\n\nAll good.",
    mayTakeHeading: options.plain !== true,
  });
}

test("the first heading moves into the title", () => {
  expect(titleOf({ agentName: "Ada" })).toEqual({ title: "Done", text: "All good." });
});

test("without a heading it is the agent's name, and without one of those Gotify's own", () => {
  expect(titleOf({ agentName: "Ada", text: "Hi" })).toEqual({ title: "Ada", text: "Hi" });
  expect(titleOf({ text: "Hi", agentId: "main" }).title).toBeUndefined();
});

test("a heading that is all there is stays where it is, and so does one in plain text", () => {
  expect(titleOf({ agentName: "Ada", text: "# Done" })).toEqual({ title: "Ada", text: "# Done" });
  expect(titleOf({ agentName: "Ada", plain: true }).title).toBe("Ada");
});

test("a template wins over both, and what is asked for over the template", () => {
  const template = "{agent} · {account} · {app}";
  const text = "# Done\n\nAll good.";
  expect(titleOf({ template, agentName: "Ada", appName: "Phone" })).toEqual({
    title: "Ada · Home · Phone",
    text,
  });
  expect(titleOf({ template, agentName: "Ada" }).title).toBe("Ada · Home");
  expect(titleOf({ template: "{app}", agentName: "Ada" })).toEqual({ title: "Ada", text });
  expect(titleOf({ template, asked: "Now" })).toEqual({ title: "Now", text });
});

test("a title is one line without controls", () => {
  expect(titleOf({ asked: " a\n\u0000b\u2028c\u202ed \ud800 " }).title).toBe("a b c d \ufffd");
});

test("a long title is cut between characters, with room for its number", () => {
  const title = titleOf({ asked: "🦊".repeat(100) }).title ?? "";
  expect(Buffer.byteLength(title)).toBeLessThanOrEqual(250);
  expect(title).toMatch(/^(?:🦊)+…$/u);
  const numbered = numberedTitle(title, 12, 34);
  expect(Buffer.byteLength(numbered)).toBeLessThanOrEqual(250);
  expect(numbered).toMatch(/🦊… \(12\/34\)$/u);
  expect(numberedTitle(undefined, 2, 3)).toBe("Part 2/3");
});
