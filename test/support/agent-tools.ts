// Owns the stage for unit tests of the agents' tools: a server with an account on it, and calls as the host carries them out.
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { onTestFinished } from "vitest";
import { createApprovals } from "../../src/admin/tools-approvals.ts";
import { createTools, type ToolContext } from "../../src/admin/tools.ts";
import { GotifyClient } from "../../src/gotify/client.ts";
import { startEmulator, type Emulator, type Personality } from "../emulator/index.ts";

interface Setup {
  readonly personality?: Personality;
  readonly tools?: { enabled?: boolean };
  /** Whether nobody can tell yet which application the account answers with. */
  readonly isOwnUnknown?: boolean;
}

interface CallOptions {
  /** What the person says; once, when left out. */
  readonly answer?: "allow-once" | "deny" | "timeout" | "nobody asks";
  readonly between?: () => Promise<unknown>;
  readonly paramsThen?: Record<string, unknown>;
}

interface AgentTools extends ReturnType<typeof createTools> {
  readonly emulator: Emulator;
  /** Somebody else at the same server. */
  readonly manager: GotifyClient;
  /** That of the approvals. */
  readonly clock: { ms: number };
  readonly bot: ReturnType<Emulator["createApplication"]>;
  readonly backups: ReturnType<Emulator["createApplication"]>;
  readonly reader: ReturnType<Emulator["createClient"]>;
  readonly phone: ReturnType<Emulator["createClient"]>;
  readonly account: Readonly<Record<"serverUrl" | "appToken" | "clientToken", string>>;
  /** The section of the configuration, to be changed at will. */
  readonly gotify: Record<string, unknown>;
  readonly cfg: OpenClawConfig;
  readonly owner: ToolContext;
  /** A call as the host carries it out; one that was denied, too, as if the host did not heed it. */
  readonly call: (
    toolName: string,
    params: Record<string, unknown>,
    options?: CallOptions,
  ) => Promise<{ readonly asked: string | undefined; readonly said: string }>;
  /** Of the applications at the server. */
  readonly names: () => string[];
}

export async function agentTools({
  personality = "v2",
  tools = { enabled: true },
  isOwnUnknown = false,
}: Setup = {}): Promise<AgentTools> {
  const clock = { ms: Date.parse("2026-03-01T12:00:00Z") };
  const emulator = await startEmulator({ personality });
  onTestFinished(() => emulator.stop());
  const bot = emulator.createApplication("OpenClaw");
  const backups = emulator.createApplication("Backups");
  const reader = emulator.createClient("Reader");
  const phone = emulator.createClient("Old phone");
  const manager = new GotifyClient({
    serverUrl: emulator.url,
    clientToken: emulator.createClient("Somebody's").token,
  });
  const account = { serverUrl: emulator.url, appToken: bot.token, clientToken: reader.token };
  const gotify: Record<string, unknown> = { ...account, tools };
  const cfg: OpenClawConfig = { channels: { gotify } };
  const { offer, beforeCall } = createTools(
    { currentConfig: () => cfg, ownApplication: async () => (isOwnUnknown ? undefined : bot.id) },
    createApprovals(() => clock.ms),
  );
  const owner: ToolContext = { senderIsOwner: true, config: cfg };

  let calls = 0;
  async function call(
    toolName: string,
    params: Record<string, unknown>,
    options: CallOptions = {},
  ): ReturnType<AgentTools["call"]> {
    const { answer = "allow-once", between, paramsThen = params } = options;
    const toolCallId = `call-${(calls += 1)}`;
    let asked: string | undefined;
    if (answer !== "nobody asks") {
      const before = await beforeCall({ toolName, params, toolCallId });
      if (before?.block === true) return { asked, said: before.blockReason ?? "" };
      asked = before?.requireApproval?.description;
      before?.requireApproval?.onResolution(answer);
    }
    await between?.();
    const tool = offer(owner)?.find(({ name }) => name === toolName);
    const said = await tool?.execute(toolCallId, paramsThen).then(
      (result) => JSON.stringify(result),
      (error: unknown) => String(error),
    );
    return { asked, said: said ?? "There is no such tool." };
  }
  const names = () => emulator.store.applications().map(({ name }) => name);
  return {
    emulator,
    manager,
    clock,
    bot,
    backups,
    reader,
    phone,
    account,
    gotify,
    cfg,
    offer,
    beforeCall,
    owner,
    call,
    names,
  };
}
