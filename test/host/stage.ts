// Owns the stage of one test file: a scripted model and a Gateway with the installed plugin, started once.
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { inject } from "vitest";
import { startGateway, type Gateway } from "../support/gateway.ts";
import type { GotifySide, StoredMessage } from "../support/gotify-side.ts";
import { createHome, type JsonObject, type OpenClawHome } from "../support/openclaw.ts";
import {
  startScriptedModel,
  type ModelScript,
  type ScriptedModel,
} from "../support/scripted-model.ts";
import { waitFor } from "../support/wait.ts";

export type Stage = {
  home: OpenClawHome;
  model: ScriptedModel;
  gateway: Gateway;
  stop: () => Promise<void>;
};

export type StageOptions = {
  /** The section `channels.gotify`. */
  gotify: JsonObject;
  script: ModelScript;
  /** More of `openclaw.json`, by section. */
  sections?: JsonObject;
};

/** The first turn of a Gateway loads the whole agent runtime; later ones take well under a second. */
export const FIRST_TURN_TIMEOUT_MS = 90_000;

export async function openStage({ gotify, script, sections }: StageOptions): Promise<Stage> {
  const home = createHome({ template: inject("installedState"), parent: inject("homesFolder") });
  const model = await startScriptedModel(script);
  const gateway = await startGateway(home, {
    model,
    gotify,
    // One conversation per application: with the host's default they would all share one.
    sections: { session: { dmScope: "per-account-channel-peer" }, ...sections },
  }).catch(async (error: unknown) => {
    await model.stop();
    throw error;
  });
  return {
    home,
    model,
    gateway,
    stop: async () => {
      await gateway.stop();
      await model.stop();
      home.remove();
    },
  };
}

/** A new account answers nothing that was posted before it was connected for the first time. */
export async function connected(stage: Stage, ...accounts: string[]): Promise<void> {
  for (const account of accounts) {
    await stage.gateway.waitForLog(new RegExp(`\\[${account}\\] Connected`));
  }
}

/** Has one conversation, so that nothing a test measures or limits includes loading the agent. */
export async function warmUp(side: GotifySide): Promise<void> {
  await side.say("warm-up");
  await side.replyWith("warm-up", { timeoutMs: FIRST_TURN_TIMEOUT_MS });
}

/** Until the account's journal says that the message is done with: answered, challenged or ignored. */
export function untilHandled(
  stage: Stage,
  account: string,
  { id }: StoredMessage,
): Promise<unknown> {
  const file = join(stage.home.stateDir, "gotify", account, "journal.sqlite");
  return waitFor(`message ${id} to be handled`, () => {
    const journal = new DatabaseSync(file, { readOnly: true });
    try {
      return journal
        .prepare("select id from inbox where position = ? and state = 'completed'")
        .get(id);
    } finally {
      journal.close();
    }
  });
}
