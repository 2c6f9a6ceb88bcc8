// Owns what a Gateway keeps in its sessions, and the tools it offers over HTTP: a hundredth of the command line's cost.
import { z } from "zod";
import { lastLines } from "./captured-process.ts";
import type { Gateway } from "./gateway.ts";
import type { JsonObject } from "./openclaw.ts";

/** The host's own limit per answer is far above what a test has. */
const NEWEST_MESSAGES = 200;

const Answer = z.object({ ok: z.literal(true), result: z.object({ details: z.unknown() }) });
const SessionList = z.object({
  sessions: z.array(z.object({ key: z.string() })),
  hasMore: z.literal(false).optional(),
});
const History = z.object({
  messages: z.array(
    z.object({
      content: z.union([z.string(), z.array(z.object({ text: z.string().optional() }))]),
    }),
  ),
});

/** Runs a tool of the host as the given agent would, and returns its `details`. */
export async function invokeTool(
  gateway: Gateway,
  tool: string,
  args: JsonObject,
  agentId?: string,
): Promise<unknown> {
  const response = await fetch(`${gateway.url}/tools/invoke`, {
    method: "POST",
    headers: { Authorization: `Bearer ${gateway.token}`, "Content-Type": "application/json" },
    body: JSON.stringify({ tool, args, agentId }),
    signal: AbortSignal.timeout(30_000),
  });
  const text = await response.text();
  if (!response.ok) {
    // The answer itself never says why.
    const said = lastLines(gateway.output());
    throw new Error(`The tool ${tool} answered ${response.status}: ${text}\n${said}`);
  }
  return Answer.parse(JSON.parse(text)).result.details;
}

/** Every session of every agent, as one of them sees it, with the texts in it. One without a turn so far is not listed. */
export async function transcripts(
  gateway: Gateway,
  agentId: string,
): Promise<ReadonlyMap<string, string[]>> {
  const list = SessionList.parse(
    await invokeTool(gateway, "sessions_list", { limit: 100 }, agentId),
  );
  const entries = list.sessions.map(async ({ key }): Promise<[string, string[]]> => {
    const args = { sessionKey: key, limit: NEWEST_MESSAGES };
    const { messages } = History.parse(
      await invokeTool(gateway, "sessions_history", args, agentId),
    );
    return [key, messages.map(({ content }) => textOf(content))];
  });
  return new Map(await Promise.all(entries));
}

function textOf(content: string | readonly { text?: string | undefined }[]): string {
  return typeof content === "string" ? content : content.map(({ text }) => text ?? "").join("");
}
