// Owns asking before something is gone for good, for commands of other rooms, which do not know this one.
import { confirmDeletion } from "./ask.ts";
import { personAtTerminal } from "./terminal.ts";

/** What asks at the terminal of this process, if there is one. */
export function askingAtTerminal() {
  const person = personAtTerminal();
  return {
    canAsk: person !== undefined,
    confirm: (question: string, { yes, mayAsk }: { yes: boolean; mayAsk: boolean }) =>
      confirmDeletion(question, { yes }, { person: mayAsk ? person : undefined }),
  };
}
