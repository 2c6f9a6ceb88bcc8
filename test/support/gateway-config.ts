// Owns the configuration of a Gateway that starts fast, keeps to itself and talks to one model.
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type { JsonObject, OpenClawHome } from "./openclaw.ts";

export type GatewaySetup = {
  port: number;
  /** The Gateway's own token; every client has to show it. */
  token: string;
  /** Base URL of a scripted model, or the name of a model the user's environment has the key for. */
  model: { url: string } | { name: string };
  /** The section `channels.gotify`. */
  gotify: JsonObject;
  /** Further top-level sections, or replacements of ours. */
  sections?: JsonObject;
};

export function newGatewayToken(): string {
  return randomBytes(24).toString("base64url");
}

export function gatewayConfig(home: OpenClawHome, setup: GatewaySetup): JsonObject {
  const scripted = "url" in setup.model ? setup.model.url : undefined;
  return {
    gateway: {
      mode: "local",
      bind: "loopback",
      port: setup.port,
      auth: { mode: "token", token: setup.token },
    },
    agents: {
      defaults: {
        workspace: join(home.stateDir, "workspace"),
        // No welcome files: the first turn would be about them instead of about the push.
        skipBootstrap: true,
        // The agent must speak only when spoken to.
        heartbeat: { every: "0m" },
        model: { primary: "name" in setup.model ? setup.model.name : "scripted/scripted" },
      },
    },
    models: {
      catalogRefresh: { enabled: false },
      ...(scripted === undefined
        ? {}
        : { mode: "replace", providers: { scripted: scriptedProvider(scripted) } }),
    },
    plugins: {
      // Exclusive: nothing else is loaded, which saves seconds. A user's model may need its provider's plugin.
      ...(scripted === undefined ? {} : { allow: ["gotify"] }),
      slots: { memory: "none" },
      entries: { gotify: { enabled: true } },
    },
    channels: { gotify: setup.gotify },
    cron: { enabled: false },
    update: { checkOnStart: false },
    telemetry: { enabled: false },
    discovery: { mdns: { mode: "off" } },
    // The default is a folder shared by every OpenClaw on the machine.
    logging: { file: join(home.dir, "openclaw.log") },
    ...setup.sections,
  };
}

function scriptedProvider(url: string): JsonObject {
  const free = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 };
  const input = ["text", "image"];
  const model = { id: "scripted", name: "Scripted", reasoning: false, input, cost: free };
  return {
    baseUrl: url,
    apiKey: "none",
    api: "openai-completions",
    models: [{ ...model, contextWindow: 128_000, maxTokens: 4096 }],
  };
}
