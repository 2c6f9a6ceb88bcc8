// Owns a prompter that a test answers: by what a question says, and as often as it is asked.
import { WizardCancelledError, type WizardPrompter } from "openclaw/plugin-sdk/setup";

/** What to say to a question; a label or a value of a choice, a text, or yes and no. Several: one for each time it comes. */
export type Script = readonly (readonly [
  question: RegExp,
  ...answers: (string | boolean | number)[],
])[];

export interface ScriptedPrompter {
  readonly prompter: WizardPrompter;
  /** Every question that was asked, and every note that was shown, in order. */
  readonly said: readonly string[];
}

/** No set-up asks as much: a test whose answers never please would otherwise go on until the memory is full. */
const MAX_QUESTIONS = 200;

/**
 * @param stopAt the number of the question, from 0, at which somebody presses Ctrl-C.
 */
export function scriptedPrompter(
  script: Script,
  stopAt = Number.POSITIVE_INFINITY,
): ScriptedPrompter {
  const said: string[] = [];
  const times = new Map<RegExp, number>();
  let asked = 0;
  const answerTo = (message: string): string | boolean | number => {
    said.push(message);
    if (asked === stopAt) throw new WizardCancelledError("cancelled");
    asked += 1;
    if (asked > MAX_QUESTIONS) throw new Error(`The answer to ${message} never pleases.`);
    const line = script.find(([question]) => question.test(message));
    if (line === undefined) throw new Error(`Nobody answers: ${message}`);
    const [question, ...answers] = line;
    const time = times.get(question) ?? 0;
    times.set(question, time + 1);
    const answer = answers[Math.min(time, answers.length - 1)];
    if (answer === undefined) throw new Error(`No answer is left to: ${message}`);
    return answer;
  };
  const note = (text: string): void => void said.push(text);
  return {
    said,
    prompter: {
      intro: async () => {},
      outro: async () => {},
      note: async (message) => note(message),
      async text({ message, initialValue, validate }) {
        for (;;) {
          const answer = answerTo(message);
          const value = answer === true ? (initialValue ?? "") : String(answer);
          const problem = validate?.(value);
          if (problem === undefined) return value;
          note(problem);
        }
      },
      async select({ message, options, initialValue }) {
        const answer = answerTo(message);
        const chosen = options.find(
          ({ value, label }) =>
            (answer === true ? value === initialValue : value === answer) ||
            (typeof answer === "string" && label.startsWith(answer)),
        );
        if (chosen === undefined) {
          throw new Error(
            `${message}: no ${answer} in ${options.map(({ label }) => label).join(", ")}`,
          );
        }
        return chosen.value;
      },
      multiselect: async () => {
        throw new Error("Nothing here asks for several.");
      },
      confirm: async ({ message }) => answerTo(message) === true,
      progress: (label) => {
        note(label);
        return { update: note, stop: (message) => note(message ?? "") };
      },
    },
  };
}
