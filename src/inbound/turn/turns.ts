// Owns how an account turns messages into turns: the merger and the turn itself, put together.
import { currentConfig } from "../../config/host-types.ts";
import { isOtherAgent } from "../feed/echo.ts";
import type { CommandTest } from "./lane.ts";
import { configuredWindowMs } from "./merge-window.ts";
import { createMerger, type Turns } from "./merge.ts";
import { createTurnRunner, type TurnOptions } from "./turn.ts";

export interface TurnsOptions extends TurnOptions {
  /** The same test that admission chooses lanes by. */
  readonly isCommand: CommandTest;
  /** Marks claimed rows as one turn; see the journal's queue. */
  readonly joinTurn?: (ids: readonly string[]) => void;
}

/** The account's turns, for the monitor. */
export function createTurns(options: TurnsOptions): Turns {
  const { core, installId, isCommand, joinTurn, log, signal } = options;
  return createMerger({
    isCommand,
    standsAlone: (message) => isOtherAgent(message, installId),
    windowMs: () => configuredWindowMs(currentConfig(core)),
    runTurn: createTurnRunner(options),
    ...(joinTurn === undefined ? {} : { joinTurn }),
    log,
    signal,
  });
}
