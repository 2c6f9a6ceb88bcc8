// Owns a Gateway with several agents: each has a model of its own, so that every request tells whose it is.
import { join } from "node:path";
import { startGateway, type Gateway } from "./gateway.ts";
import { createHome, type HomeOptions, type JsonObject, type OpenClawHome } from "./openclaw.ts";
import { startScriptedModel, type ModelScript, type ScriptedModel } from "./scripted-model.ts";

export type SeveralAgents = {
  home: OpenClawHome;
  model: ScriptedModel;
  /** The one that was started last. */
  gateway: Gateway;
  /** Starts a Gateway in the place of one that was stopped, with these bindings. */
  startAgain: (bindings: readonly JsonObject[]) => Promise<void>;
  stop: () => Promise<void>;
};

export type SeveralAgentsOptions = HomeOptions & {
  /** Ids. The first one also owns what nobody asked an agent for, such as `openclaw message`. */
  agents: readonly [string, ...string[]];
  /** False for agents of which none owns what no binding names. Default: true. */
  hasOwner?: boolean;
  /** The section `bindings`: which agent a conversation belongs to. */
  bindings: readonly JsonObject[];
  session: JsonObject;
  /** The section `channels.gotify`. */
  gotify: JsonObject;
  /** `turn.model` is the id of the agent that asks. */
  script: ModelScript;
  /** Called before the first Gateway starts. */
  prepare?: (home: OpenClawHome) => void;
};

export async function startSeveralAgents(options: SeveralAgentsOptions): Promise<SeveralAgents> {
  const { agents, bindings, session, gotify, script } = options;
  const home = createHome(options);
  options.prepare?.(home);
  const model = await startScriptedModel(script);
  const stopAround = async (): Promise<void> => {
    await model.stop();
    home.remove();
  };
  try {
    const sections = {
      agents: agentsSection(home, agents, options.hasOwner !== false),
      models: modelsSection(model.url, agents),
      bindings,
      session,
      // Few tools make quick turns.
      tools: {
        allow: ["message", "sessions_list", "sessions_history"],
        // The default of today, written out for the first supported host.
        sessions: { visibility: "all" },
        agentToAgent: { enabled: true },
      },
    };
    const agentsStage: SeveralAgents = {
      home,
      model,
      gateway: await startGateway(home, { model, gotify, sections }),
      async startAgain(changed) {
        const changes = { sections: { ...sections, bindings: changed } };
        agentsStage.gateway = await startGateway(home, { model, gotify, ...changes });
      },
      async stop() {
        await agentsStage.gateway.stop();
        await stopAround();
      },
    };
    return agentsStage;
  } catch (error) {
    await stopAround();
    throw error;
  }
}

/** An entry of `bindings`: this agent gets what matches, by account or by application. */
export function bind(agentId: string, accountId: string, application?: { id: number }): JsonObject {
  const peer = application && { kind: "direct", id: String(application.id) };
  return { agentId, match: { channel: "gotify", accountId, ...(peer ? { peer } : {}) } };
}

function agentsSection(
  home: OpenClawHome,
  [owner, ...others]: readonly [string, ...string[]],
  hasOwner: boolean,
) {
  return {
    // With several agents the host wants to be told that none of them is a default.
    ownership: "explicit",
    defaults: {
      workspace: join(home.stateDir, "workspace"),
      skipBootstrap: true,
      heartbeat: { every: "0m" },
      model: { primary: `scripted/${owner}` },
      ...(hasOwner ? { systemAgent: { agentId: owner } } : {}),
    },
    entries: Object.fromEntries(
      [owner, ...others].map((id) => [id, { model: { primary: `scripted/${id}` } }]),
    ),
  };
}

function modelsSection(baseUrl: string, ids: readonly string[]): JsonObject {
  const cost = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 };
  const common = {
    reasoning: false,
    input: ["text"],
    cost,
    contextWindow: 128_000,
    maxTokens: 4096,
  };
  const models = ids.map((id) => ({ id, name: id, ...common }));
  return {
    catalogRefresh: { enabled: false },
    mode: "replace",
    providers: { scripted: { baseUrl, apiKey: "none", api: "openai-completions", models } },
  };
}
