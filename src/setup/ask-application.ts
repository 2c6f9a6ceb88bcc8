// Owns which applications a set-up uses: the one that answers, and the one that a person writes with. None is made twice.
import type { WizardPrompter } from "openclaw/plugin-sdk/setup";
import type { GotifyApplication } from "../gotify/applications.ts";
import type { Access, ApplicationChoice, ChatChoice } from "./answers.ts";
import { APPLICATION_NAME } from "./provision.ts";

const CHAT_NAME = "Me";
/** No application has these ids. */
const NEW = 0;
const LATER = -1;
const KEPT = -2;
const OWN = -3;
const OWN_HINT = "the one that answers: both sides of the talk in one place";

/**
 * What is offered for the answers' application; the one of the same name first.
 *
 * @param keptToken the token that the account posts with, where it works.
 */
export async function askForApplication(
  prompter: WizardPrompter,
  applications: readonly GotifyApplication[],
  canReuse: (application: GotifyApplication) => { readonly hint: string } | undefined,
  keptToken?: string,
): Promise<ApplicationChoice> {
  const reusable = applications.flatMap((application) => {
    const offer = canReuse(application);
    return offer === undefined ? [] : [{ application, ...offer }];
  });
  const namesake = reusable.find(({ application }) => application.name === APPLICATION_NAME);
  const kept = { value: KEPT, label: "The one it posts with now", hint: "its token stays" };
  if (reusable.length > 0 || keptToken !== undefined) {
    const chosen = await prompter.select<number>({
      message: "Which application posts the agents' answers?",
      options: [
        ...(keptToken === undefined ? [] : [kept]),
        { value: NEW, label: "A new one", hint: "with a name and icon of its own" },
        ...reusable.map(({ application, hint }) => ({
          value: application.id,
          label: `${application.name} (${application.id})`,
          hint,
        })),
      ],
      initialValue: keptToken === undefined ? (namesake?.application.id ?? NEW) : KEPT,
    });
    if (chosen === KEPT && keptToken !== undefined) return { kind: "kept", appToken: keptToken };
    const found = reusable.find(({ application }) => application.id === chosen);
    if (found !== undefined) {
      return { kind: "existing", id: found.application.id, name: found.application.name };
    }
  }
  const message = "Name of the new application for the agents' answers";
  return { kind: "new", name: await askForName(prompter, message, applications, APPLICATION_NAME) };
}

async function askForName(
  prompter: WizardPrompter,
  message: string,
  applications: readonly GotifyApplication[],
  suggestion: string,
): Promise<string> {
  const taken = new Set(applications.map(({ name }) => name));
  const name = await prompter.text({
    message,
    initialValue: taken.has(suggestion) ? "" : suggestion,
    validate(value) {
      if (value.trim() === "") return "A name is needed.";
      return taken.has(value.trim())
        ? `There is an application "${value.trim()}" already. Take another name.`
        : undefined;
    },
  });
  return name.trim();
}

export async function askForChat(
  prompter: WizardPrompter,
  access: Access,
  applications: readonly GotifyApplication[] | undefined,
): Promise<ChatChoice> {
  // Who only sends has nobody to let in.
  if (applications === undefined) return { kind: "later" };
  const own = access.kind === "tokens" ? undefined : access.application;
  const isOwn = (id: number): boolean => own?.kind === "existing" && id === own.id;
  // Last: there, only the titles tell who said what.
  const offered = applications.toSorted((a, b) => Number(isOwn(a.id)) - Number(isOwn(b.id)));
  const chosen = await prompter.select<number>({
    message: "Which application do you write with? It may talk and give commands.",
    options: [
      { value: NEW, label: "A new one", hint: "its token is for the app or script you write with" },
      ...offered.map(({ id, name }) => ({
        value: id,
        label: `${name} (${id})`,
        hint: isOwn(id) ? OWN_HINT : "with the token it has",
      })),
      ...(own?.kind === "new" ? [{ value: OWN, label: own.name, hint: OWN_HINT }] : []),
      { value: LATER, label: "Decide later", hint: "unknown applications ask for a pairing code" },
    ],
    // A set-up that was stopped, or is done again, has made it already: a second one is hardly wanted.
    initialValue: offered.find(({ id, name }) => name === CHAT_NAME && !isOwn(id))?.id ?? NEW,
  });
  if (chosen === LATER) return { kind: "later" };
  if (chosen === OWN) return { kind: "own" };
  if (chosen !== NEW) return { kind: "existing", id: chosen };
  const message = "Name of the new application you write with";
  const name = await askForName(prompter, message, applications, CHAT_NAME);
  const showToken = await prompter.confirm({
    message: "Show its token here at the end? Gotify 3 shows it at no other time.",
    initialValue: true,
  });
  return { kind: "new", name, showToken };
}
