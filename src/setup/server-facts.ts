// Owns what a set-up learns of a server before anything is written: that it answers, its version, and what tokens are good for.
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import type { WizardPrompter } from "openclaw/plugin-sdk/setup";
import { errorText } from "../config/error-text.ts";
import type { GotifyApplication } from "../gotify/applications.ts";
import type { ElevatedCallOptions } from "../gotify/call-options.ts";
import type { GotifyClient } from "../gotify/client.ts";

const CALL_TIMEOUT_MS = 10_000;

/** Makes a client for the server that is being set up, through whatever the account says of the connection. */
export type Connect = (server: {
  readonly serverUrl: string;
  readonly appToken?: string | undefined;
  readonly clientToken?: string | undefined;
}) => GotifyClient;

export interface SetupRequest {
  readonly cfg: OpenClawConfig;
  readonly accountId: string;
  readonly prompter: WizardPrompter;
  readonly connect: Connect;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export interface ServerFacts {
  readonly version: string;
  /** Gotify 3 shows a token once and takes posts with a client's token. */
  readonly isV3: boolean;
}

/** @throws what the calls throw when nobody answers, or what answers is no Gotify. */
export async function askServer(client: GotifyClient): Promise<ServerFacts> {
  const { version } = await client.version({ timeoutMs: CALL_TIMEOUT_MS });
  const info = await client.info({ timeoutMs: CALL_TIMEOUT_MS });
  return { version, isV3: info !== undefined };
}

/** What does not fit, in one line that says what to do; `undefined` when all does. A server that is down is a problem too. */
export async function tokenProblem(
  client: GotifyClient,
  given: { readonly appToken: boolean; readonly clientToken: boolean },
): Promise<string | undefined> {
  try {
    if (given.appToken) {
      const app = await client.probeAppToken({ timeoutMs: CALL_TIMEOUT_MS });
      if (app.status !== "valid") return app.error.message;
    }
    if (!given.clientToken) return undefined;
    const token = await client.probeClientToken({ timeoutMs: CALL_TIMEOUT_MS });
    if (token.status !== "valid") return token.error.message;
    return given.appToken ? await strangerProblem(client, token.user.name) : undefined;
  } catch (error) {
    return errorText(error);
  }
}

/**
 * Both tokens have to be of one user: otherwise nothing that is posted is ever seen. Gotify 2 tells it; on
 * Gotify 3 it shows with the first post.
 */
async function strangerProblem(client: GotifyClient, user: string): Promise<string | undefined> {
  const info = await client.info({ timeoutMs: CALL_TIMEOUT_MS });
  if (info !== undefined) return undefined;
  const own = await client.ownApplication({ timeoutMs: CALL_TIMEOUT_MS });
  if (own !== undefined) return undefined;
  return `The app token belongs to another user than the client token (${user}). Take both from the same user's pages in Gotify.`;
}

/** Without those of server plugins: they come and go with their plugin. */
export async function usableApplications(
  client: GotifyClient,
  options: ElevatedCallOptions = {},
): Promise<readonly GotifyApplication[]> {
  const all = await client.listApplications({ timeoutMs: CALL_TIMEOUT_MS, ...options });
  return all.filter(({ internal }) => !internal);
}
