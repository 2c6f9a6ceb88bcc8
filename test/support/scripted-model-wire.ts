// Owns the chat-completions wire format: reading the host's request, writing whole and streamed answers.
import { z } from "zod";
import { withoutHostNotes } from "./host-notes.ts";

/** What one request says to the model. */
export type ModelTurn = {
  /** 1 for the first request the server ever saw. */
  number: number;
  /** Everything the user's side said since the model's last answer, with the host's own notes around it. */
  text: string;
  /** The person's words in it. */
  said: string;
  /** Every message of the user's side in the conversation so far, oldest first, with the host's notes. */
  userTexts: readonly string[];
  /** Everything that the model has said in the conversation so far, oldest first. */
  answers: readonly string[];
  /** Addresses of the images in it, usually `data:`. */
  images: readonly string[];
  /** Results of tools that were called since the model's last answer, oldest first. */
  toolResults: readonly string[];
  /** Names of the tools on offer. */
  tools: readonly string[];
  /** All system instructions, joined. */
  system: string;
  model: string;
};

/** Plain text, or a call of a tool (whose result arrives in the next request). */
export type ModelAnswer = string | { tool: string; input: Record<string, unknown> };

const Part = z.object({
  type: z.string(),
  text: z.string().optional(),
  image_url: z.object({ url: z.string() }).optional(),
});
const Message = z.object({
  role: z.string(),
  content: z.union([z.string(), z.array(Part), z.null()]).optional(),
  tool_calls: z.array(z.unknown()).optional(),
});
const ChatRequest = z.object({
  model: z.string(),
  messages: z.array(Message),
  stream: z.boolean().optional().default(false),
  tools: z.array(z.object({ function: z.object({ name: z.string() }) })).optional(),
});

export type ChatRequest = z.infer<typeof ChatRequest>;

export function parseChatRequest(body: string): ChatRequest {
  return ChatRequest.parse(JSON.parse(body));
}

export function turnOf(chat: ChatRequest, number: number): ModelTurn {
  // A message that only calls a tool is not an answer: the person's words before it still stand.
  const lastAnswer = chat.messages.findLastIndex(
    (message) => message.role === "assistant" && !message.tool_calls?.length,
  );
  const since = chat.messages.slice(lastAnswer + 1);
  const textsOf = (...roles: string[]): string[] =>
    since.filter((message) => roles.includes(message.role)).map(textOf);
  const text = textsOf("user").join("\n");
  return {
    number,
    text,
    said: withoutHostNotes(text),
    userTexts: chat.messages.filter(({ role }) => role === "user").map(textOf),
    answers: chat.messages.filter(({ role }) => role === "assistant").map(textOf),
    images: since.flatMap(imagesOf),
    toolResults: textsOf("tool"),
    tools: chat.tools?.map((tool) => tool.function.name) ?? [],
    system: chat.messages
      .filter((message) => message.role === "system" || message.role === "developer")
      .map(textOf)
      .join("\n"),
    model: chat.model,
  };
}

function textOf(message: z.infer<typeof Message>): string {
  if (typeof message.content === "string") return message.content;
  return message.content?.map((part) => part.text ?? "").join("") ?? "";
}

function imagesOf(message: z.infer<typeof Message>): string[] {
  if (typeof message.content === "string") return [];
  return message.content?.flatMap((part) => part.image_url?.url ?? []) ?? [];
}

/** The body of an answer that is not streamed. */
export function completion(chat: ChatRequest, turn: ModelTurn, answer: ModelAnswer): unknown {
  const choice = {
    index: 0,
    message: { role: "assistant", ...deltaOf(answer, turn) },
    finish_reason: finishReasonOf(answer),
  };
  return {
    ...envelope(chat, turn, "chat.completion"),
    choices: [choice],
    usage: usageOf(turn, answer),
  };
}

/** The `data:` payloads of a streamed answer: text comes in several pieces, as from a real model. */
export function* completionStream(
  chat: ChatRequest,
  turn: ModelTurn,
  answer: ModelAnswer,
): Generator<string> {
  const chunk = (choices: unknown[], more: object = {}): string =>
    JSON.stringify({ ...envelope(chat, turn, "chat.completion.chunk"), choices, ...more });
  const delta = (part: object, finish_reason: string | null = null): string =>
    chunk([{ index: 0, delta: part, finish_reason }]);

  yield delta({ role: "assistant", content: "" });
  if (typeof answer === "string") {
    for (const content of piecesOf(answer)) yield delta({ content });
  } else {
    yield delta(deltaOf(answer, turn));
  }
  yield delta({}, finishReasonOf(answer));
  yield chunk([], { usage: usageOf(turn, answer) });
  yield "[DONE]";
}

function deltaOf(answer: ModelAnswer, turn: ModelTurn): object {
  if (typeof answer === "string") return { content: answer };
  const call = { name: answer.tool, arguments: JSON.stringify(answer.input) };
  return {
    content: null,
    tool_calls: [{ index: 0, id: `call_${turn.number}`, type: "function", function: call }],
  };
}

function finishReasonOf(answer: ModelAnswer): string {
  return typeof answer === "string" ? "stop" : "tool_calls";
}

/** Small made-up numbers: the host only needs them to be there. */
function usageOf(turn: ModelTurn, answer: ModelAnswer): object {
  const prompt_tokens = Math.ceil(turn.text.length / 4) + 1;
  const completion_tokens = typeof answer === "string" ? Math.ceil(answer.length / 4) + 1 : 1;
  return { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens };
}

function envelope(chat: ChatRequest, turn: ModelTurn, object: string): object {
  return {
    id: `scripted-${turn.number}`,
    object,
    created: Math.floor(Date.now() / 1000),
    model: chat.model,
  };
}

function piecesOf(text: string): string[] {
  const middle = Math.ceil(text.length / 2);
  return [text.slice(0, middle), text.slice(middle)].filter((piece) => piece !== "");
}
