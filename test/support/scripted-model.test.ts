import { expect, onTestFinished, test } from "vitest";
import { startScriptedModel, type ModelScript, type ScriptedModel } from "./scripted-model.ts";

const QUESTION = [
  { role: "system", content: "Be brief." },
  { role: "user", content: "Hello" },
  { role: "assistant", content: "Hi." },
  { role: "user", content: [{ type: "text", text: "Is the kettle on?" }] },
  { role: "user", content: "a note of the host" },
];

test("the script sees all that was said since the last answer", async () => {
  const model = await start((turn) => `${turn.number}: ${turn.text}`);
  const body = await (await ask(model, { messages: QUESTION })).json();
  expect(body).toMatchObject({
    choices: [
      { message: { content: "1: Is the kettle on?\na note of the host" }, finish_reason: "stop" },
    ],
  });
  expect(model.requests).toMatchObject([{ system: "Be brief.", model: "scripted" }]);
});

test("a streamed answer comes in pieces and ends with its usage", async () => {
  const model = await start(() => "It is on.");
  const events = (await (await ask(model, { messages: QUESTION, stream: true })).text())
    .trim()
    .split("\n\n");
  expect(events.at(-1)).toBe("data: [DONE]");
  expect(events.at(-2)).toContain('"usage"');
  expect(events.filter((event) => event.includes('"content":"')).length).toBeGreaterThan(2);
});

test("a tool is called, and its result is part of the next request", async () => {
  const model = await start(
    (turn) => turn.toolResults[0] ?? { tool: "kettle", input: { cups: 2 } },
  );
  const call = await (await ask(model, { messages: QUESTION })).json();
  expect(call).toMatchObject({
    choices: [
      {
        message: { tool_calls: [{ function: { name: "kettle", arguments: '{"cups":2}' } }] },
        finish_reason: "tool_calls",
      },
    ],
  });
  const messages = [
    ...QUESTION,
    { role: "assistant", content: null, tool_calls: [{ id: "call_1" }] },
    { role: "tool", content: "It boils." },
  ];
  const answer = await (await ask(model, { messages })).json();
  expect(answer).toMatchObject({ choices: [{ message: { content: "It boils." } }] });
  expect(model.requests[1]?.text).toContain("kettle");
});

test("faults are answered instead of the script, and recorded", async () => {
  const model = await start(() => "fine");
  model.faults.status = 503;
  expect((await ask(model, { messages: QUESTION })).status).toBe(503);
  model.faults.status = undefined;
  model.faults.hangUp = true;
  await expect(ask(model, { messages: QUESTION })).rejects.toThrow("fetch failed");
  model.faults.hangUp = false;
  expect((await ask(model, { messages: QUESTION })).status).toBe(200);
  expect(model.requests).toHaveLength(3);
});

async function start(script: ModelScript): Promise<ScriptedModel> {
  const model = await startScriptedModel(script);
  onTestFinished(model.stop);
  return model;
}

function ask(model: ScriptedModel, request: object): Promise<Response> {
  return fetch(`${model.url}/chat/completions`, {
    method: "POST",
    body: JSON.stringify({ model: "scripted", ...request }),
  });
}
