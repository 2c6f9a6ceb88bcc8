// Owns the mark that says when the agent is at a turn: from its beginning to its end, which for the host are several moments that may come in any order.

/** Of a turn that runs now, for whoever counts them. */
export interface TurnMark {
  /** The journal is done with so many of its messages; the agent is not. */
  readonly tickedOff: (messages: number) => void;
  readonly ended: () => void;
}

export interface TurnWatch {
  /** The agent has taken it up. Once it is over, nothing brings it back. */
  readonly begin: () => void;
  readonly tickedOff: () => void;
  /** It waits in the host's own queue. */
  readonly pause: () => void;
  readonly end: () => void;
}

export function watchTurn(begin: () => TurnMark, messages: number): TurnWatch {
  let mark: TurnMark | undefined;
  let isTickedOff = false;
  let isOver = false;
  const pause = (): void => {
    mark?.ended();
    mark = undefined;
  };
  return {
    begin() {
      if (isOver || mark !== undefined) return;
      mark = begin();
      if (isTickedOff) mark.tickedOff(messages);
    },
    tickedOff() {
      isTickedOff = true;
      mark?.tickedOff(messages);
    },
    pause,
    end() {
      isOver = true;
      pause();
    },
  };
}
