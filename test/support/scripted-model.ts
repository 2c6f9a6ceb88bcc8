// Owns the scripted model: an OpenAI-compatible server on loopback that answers what a test tells it to.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { noteOutput } from "./leaks.ts";
import { listenOnLoopback } from "./loopback.ts";
import {
  completion,
  completionStream,
  parseChatRequest,
  turnOf,
  type ModelAnswer,
  type ModelTurn,
} from "./scripted-model-wire.ts";

export type { ModelAnswer, ModelTurn } from "./scripted-model-wire.ts";

/** Decides the answer to one request. May be slow: the connection waits. */
export type ModelScript = (turn: ModelTurn) => ModelAnswer | Promise<ModelAnswer>;

/** Everything that can go wrong with a model; set a field to make it happen, reset it to recover. */
export type ModelFaults = {
  /** Answer every request with this HTTP status and an error body. */
  status: number | undefined;
  /** Cut the connection without an answer. */
  hangUp: boolean;
  /** Hold every answer back by this many milliseconds. */
  delayMs: number;
};

export type ScriptedModel = {
  /** `http://127.0.0.1:<port>/v1`, what a provider's `baseUrl` wants. */
  url: string;
  /** Every request that reached the model, oldest first, also those that a fault then answered. */
  requests: readonly ModelTurn[];
  faults: ModelFaults;
  /** Replaces the script from the next request on. */
  script: (script: ModelScript) => void;
  stop: () => Promise<void>;
};

const answerPlainly: ModelScript = (turn) => `You said: ${turn.said}`;

export async function startScriptedModel(
  script: ModelScript = answerPlainly,
): Promise<ScriptedModel> {
  const requests: ModelTurn[] = [];
  const faults: ModelFaults = { status: undefined, hangUp: false, delayMs: 0 };
  let current = script;

  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? "";
    if (request.method === "GET" && path.endsWith("/models")) {
      return sendJson(response, 200, {
        object: "list",
        data: [{ id: "scripted", object: "model" }],
      });
    }
    if (request.method !== "POST" || !path.endsWith("/chat/completions")) {
      return sendJson(response, 404, { error: { message: `The scripted model has no ${path}.` } });
    }
    const body = await readBody(request);
    noteOutput("what the model was told", () => body);
    const chat = parseChatRequest(body);
    const turn = turnOf(chat, requests.length + 1);
    requests.push(turn);
    if (faults.delayMs > 0) await pause(faults.delayMs);
    if (faults.hangUp) {
      request.socket.destroy();
      return;
    }
    if (faults.status !== undefined) {
      return sendJson(response, faults.status, {
        error: { message: "The scripted model was told to fail." },
      });
    }
    const answer = await current(turn);
    if (!chat.stream) return sendJson(response, 200, completion(chat, turn, answer));
    response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
    for (const event of completionStream(chat, turn, answer)) response.write(`data: ${event}\n\n`);
    response.end();
  }

  const server = createServer((request, response) => {
    respond(request, response).catch((error: unknown) => {
      // A script that throws is a broken test; the host sees a server error and the text says why.
      if (!response.headersSent) sendJson(response, 500, { error: { message: String(error) } });
      else response.destroy();
    });
  });
  const listener = await listenOnLoopback(server);
  return {
    url: `${listener.url}/v1`,
    requests,
    faults,
    script: (next) => {
      current = next;
    },
    stop: listener.close,
  };
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}

async function readBody(request: IncomingMessage): Promise<string> {
  let body = "";
  request.setEncoding("utf8");
  for await (const chunk of request) body += String(chunk);
  return body;
}
