// Owns which HTTP proxy stands between this machine and a server: what the environment says, and the host's own agent for it.
import type { Agent } from "node:http";
import { asString } from "../gotify/parse.ts";

/** A proxy that a server is reached through. */
export interface ProxyRoute {
  readonly agent: Agent;
  /** `undefined` when the host's agent does not tell. */
  readonly address: URL | undefined;
}

/** The host's agent, with what it tells of its way: empty for none. */
interface HostAgent extends Agent {
  readonly getProxyForUrl?: (url: string) => unknown;
}

/**
 * The host's own agent for the proxy in the environment, where the host also puts the one that it is
 * configured with (`proxy.proxyUrl`). `undefined` for a server that NO_PROXY names, and for a proxy that
 * the host cannot use, e.g. a SOCKS one.
 */
export async function proxyTo(url: URL): Promise<ProxyRoute | undefined> {
  if (proxyEnvironment().length === 0) return undefined;
  const { resolveAmbientNodeProxyAgent } = await import("openclaw/plugin-sdk/extension-shared");
  const protocol = url.protocol === "https:" ? "https" : "http";
  const agent = await resolveAmbientNodeProxyAgent<HostAgent>({ protocol });
  if (agent === undefined) return undefined;
  const proxy = asString(agent.getProxyForUrl?.(url.href));
  if (proxy === "") return undefined;
  return { agent, address: proxy === undefined ? undefined : new URL(proxy) };
}

const PROXY_VARIABLES = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"].flatMap(inBothCases);
const NO_PROXY_VARIABLES = inBothCases("NO_PROXY");

/** What the environment says of proxies; empty when it names none. Changes when the host begins or ends to route through one. */
export function proxyEnvironment(): readonly string[] {
  const proxies = PROXY_VARIABLES.flatMap(assignment);
  return proxies.length === 0 ? [] : [...proxies, ...NO_PROXY_VARIABLES.flatMap(assignment)];
}

function inBothCases(name: string): string[] {
  return [name, name.toLowerCase()];
}

function assignment(name: string): string[] {
  const value = process.env[name];
  return value ? [`${name}=${value}`] : [];
}
