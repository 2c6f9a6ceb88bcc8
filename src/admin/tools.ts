// Owns the agents' administration tools as they are registered: for owners alone, where an account has them switched on, and with an approval for each change.
import type { OpenClawConfig, OpenClawPluginApi } from "openclaw/plugin-sdk/channel-core";
import { listAccountIds } from "../config/account-ids.ts";
import { resolveAccount } from "../config/accounts.ts";
import { errorText } from "../config/error-text.ts";
import type { OwnApplication } from "./surroundings.ts";
import { sharedApprovals, type Approvals } from "./tools-approvals.ts";
import { TOOL_NAMES, TOOLS, type ToolDefinition } from "./tools-schema.ts";

type ToolFactory = Extract<
  Parameters<OpenClawPluginApi["registerTool"]>[0],
  (...args: never[]) => unknown
>;
type Tool = Extract<NonNullable<ReturnType<ToolFactory>>, { name: string }>;
export type ToolContext = Parameters<ToolFactory>[0];

export interface ToolsHost {
  /** For the hook, which the host tells no configuration. */
  readonly currentConfig: () => OpenClawConfig;
  readonly ownApplication: OwnApplication;
}

/** The call as the host's hook describes it. */
interface ToolCall {
  readonly toolName: string;
  readonly params: Record<string, unknown>;
  readonly toolCallId?: string;
}

const MINUTE_MS = 60_000;
/** Long enough to take up the phone, and shorter than anybody's patience with a turn that stands still. */
const APPROVAL_TIMEOUT_MS = 5 * MINUTE_MS;

/** Registered in every process that could need the tools, so nothing is loaded here. */
export function registerTools(
  api: Pick<OpenClawPluginApi, "registerTool" | "on">,
  host: ToolsHost,
): void {
  const { offer, beforeCall } = createTools(host, sharedApprovals());
  api.registerTool(offer, { names: [...TOOL_NAMES] });
  api.on("before_tool_call", beforeCall, { matcher: [...TOOL_NAMES] });
}

/** What the host is given: the tools for a turn, and what to do before each call. */
export function createTools({ currentConfig, ownApplication }: ToolsHost, approvals: Approvals) {
  const toolFor = (definition: ToolDefinition, ctx: ToolContext): Tool => ({
    ...definition,
    // What comes back was written by whoever may post or make applications.
    resultContentSource: "network",
    async execute(toolCallId, params, signal) {
      const { runTool } = await import("./tools-run.ts");
      return runTool(definition.name, params, {
        cfg: configOf(ctx),
        isOwner: ctx.senderIsOwner === true,
        ownApplication,
        isApproved: (fingerprint) => approvals.take(toolCallId, fingerprint),
        // Absent on the first supported host.
        assertCurrent: () => ctx.assertInvocationCurrent?.(),
        signal,
      });
    },
  });

  return {
    /** Who is no owner, and whoever has not switched the tools on, is not even told that they exist. */
    offer: (ctx: ToolContext): Tool[] | null =>
      ctx.senderIsOwner === true && isSwitchedOn(configOf(ctx))
        ? TOOLS.map((definition) => toolFor(definition, ctx))
        : null,

    /** Has the host ask a person. What cannot be done is refused before anybody is asked. */
    beforeCall: async ({ toolName, params, toolCallId }: ToolCall) => {
      // Whatever the host makes of the matcher: nobody else's tool is held up here.
      if (!TOOL_NAMES.some((name) => name === toolName)) return undefined;
      try {
        const { describeChange } = await import("./tools-change.ts");
        const cfg = currentConfig();
        const change = await describeChange(toolName, params, { cfg, ownApplication });
        if (change === undefined) return undefined;
        if (toolCallId === undefined) throw new Error("The call has no id to be approved by.");
        return {
          requireApproval: {
            title: change.title,
            description: change.description,
            severity: change.isDeletion ? ("critical" as const) : ("warning" as const),
            // Trust that lasts would be trust in whatever the agent reads next.
            allowedDecisions: ["allow-once" as const, "deny" as const],
            timeoutMs: APPROVAL_TIMEOUT_MS,
            onResolution: (decision: string): void => {
              if (decision === "allow-once") approvals.grant(toolCallId, change.fingerprint);
            },
          },
        };
      } catch (error) {
        return { block: true, blockReason: errorText(error) };
      }
    },
  };
}

/** The one with secrets, as it is now. */
function configOf(ctx: ToolContext): OpenClawConfig {
  return ctx.getRuntimeConfig?.() ?? ctx.runtimeConfig ?? ctx.config ?? {};
}

function isSwitchedOn(cfg: OpenClawConfig): boolean {
  return listAccountIds(cfg).some((id) => {
    const { enabled, agentTools } = resolveAccount(cfg, id);
    return enabled && agentTools;
  });
}
