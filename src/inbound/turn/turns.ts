// Owns how an account turns messages into turns: the merger and the turn itself, put together.
import { currentConfig } from "../../config/host-types.ts";
import { isOtherAgent } from "../feed/echo.ts";
import type { CommandTest, LaneOf } from "./lane.ts";
import { configuredWindowMs } from "./merge-window.ts";
import { createMerger, type Turns } from "./merge.ts";
import type { TurnMark } from "./turn-mark.ts";
import { createTurnRunner, type TurnOptions } from "./turn.ts";

export interface TurnsOptions extends TurnOptions {
  /** The same test that admission chooses lanes by. */
  readonly isCommand: CommandTest;
  readonly laneOf: LaneOf;
  /** Marks claimed rows as one turn, and tells of an earlier one; see the journal's queue. */
  readonly joinTurn?: (ids: readonly string[]) => void;
  readonly noteHandedIn?: (ids: readonly string[]) => void;
  readonly handedIn?: (id: string) => string | undefined;
  /** Called when the agent takes a turn of this conversation up. */
  readonly onTurn?: (lane: string) => TurnMark;
}

/** The account's turns, for the monitor. */
export function createTurns(options: TurnsOptions): Turns {
  const { core, installId, isCommand, laneOf, joinTurn, noteHandedIn, handedIn, log, signal } =
    options;
  return createMerger({
    isCommand,
    laneOf,
    standsAlone: (message) => isOtherAgent(message, installId),
    windowMs: () => configuredWindowMs(currentConfig(core)),
    runTurn: createTurnRunner(options),
    ...(options.onTurn === undefined ? {} : { onTurn: options.onTurn }),
    ...(joinTurn === undefined ? {} : { joinTurn }),
    ...(noteHandedIn === undefined ? {} : { noteHandedIn }),
    ...(handedIn === undefined ? {} : { handedIn }),
    log,
    signal,
  });
}
