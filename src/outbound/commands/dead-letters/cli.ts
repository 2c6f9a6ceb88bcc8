// Owns what `openclaw gotify dead-letters …` prints and asks, and which process does the work.
import { callGatewayFromCli } from "openclaw/plugin-sdk/gateway-runtime";
import { defaultAccountId } from "../../../config/account-ids.ts";
import {
  answerCommand,
  CommandError,
  type CommandAnswer,
  type CommandOutput,
} from "../../../config/command-line.ts";
import { configWithSecrets } from "../../../config/command-secrets.ts";
import { errorText } from "../../../config/error-text.ts";
import { oneLine } from "../../../gotify/one-line.ts";
import { asInteger, asObject, asString } from "../../../gotify/parse.ts";
import { isInUse } from "../../../journal/account-journal.ts";
import { DROP_METHOD, RESUBMIT_METHOD, type Asking } from "./command.ts";
import { findAll, findOne, isDead, withText } from "./find.ts";
import { fact, LETTER_KINDS, listed, nameOf, reasonLine, textLines, type Found } from "./letter.ts";
import { accountsFor, processOffice, type Office } from "./office.ts";
import {
  dropFromParams,
  kindOf,
  listFromParams,
  resubmitFromParams,
  showFromParams,
  type Outcome,
  type Params,
} from "./work.ts";

const COMMAND = "openclaw gotify dead-letters";
/** A reply is read back before it is posted, and may have to wait for a server. */
const GATEWAY_TIMEOUT_MS = "120000";
/** Failures that are told one by one. */
const MAX_NAMED = 5;

export interface LetterOptions extends CommandOutput {
  readonly account?: string;
  readonly kind?: string;
}

export interface ChangeOptions extends LetterOptions {
  readonly id: string | undefined;
  readonly all?: boolean;
}

/** What a command needs of the process it runs in; passed in where tests own it. */
export interface Desk {
  readonly office: (withSecrets: boolean) => Promise<Office>;
  /** True while a Gateway consumes the account's journal: rows are changed by it. */
  readonly isInUse: (account: string) => boolean;
  readonly callGateway: (method: string, params: Params) => Promise<Params>;
}

const processDesk: Desk = {
  office: async (withSecrets) =>
    processOffice(withSecrets ? await configWithSecrets(COMMAND) : undefined),
  isInUse,
  callGateway: (method, params) =>
    callGatewayFromCli(method, { timeout: GATEWAY_TIMEOUT_MS }, params, { progress: false }),
};

export function listDeadLetters(options: LetterOptions, desk = processDesk): Promise<number> {
  return answerCommand(options, async () => {
    const { letters, stillTried } = listFromParams(given(options), await desk.office(false));
    const lines = letters.length > 0 ? letters.flatMap(listed) : ["There are no dead letters."];
    const waiting =
      stillTried === 0
        ? []
        : [
            `OpenClaw still tries to send ${stillTried === 1 ? "1 reply" : `${stillTried} replies`}.`,
          ];
    return { result: { letters, stillTried }, lines: [...lines, ...waiting] };
  });
}

export function showDeadLetter(
  options: LetterOptions & { readonly id: string },
  desk = processDesk,
): Promise<number> {
  return answerCommand(options, async () => {
    const { letter } = showFromParams(
      { ...given(options), id: options.id },
      await desk.office(false),
    );
    const { kind, id, fullId, account, from, to, since, attempts } = letter;
    const times = `${attempts} ${attempts === 1 ? "time" : "times"}`;
    const facts = [
      oneLine(`${kind} ${id} of account ${account}`),
      fact("id", fullId),
      fact("from", from),
      fact("for", to),
      fact("since", since),
      fact(
        "tried",
        letter.lastTriedAt === null ? times : `${times}, at last ${letter.lastTriedAt}`,
      ),
      fact("reason", reasonLine(letter)),
    ];
    const texts =
      "messages" in letter ? letter.messages : letter.message === null ? [] : [letter.message];
    return {
      result: { letter },
      lines: [
        ...facts,
        ...(texts.length === 0 ? ["", "    (its text cannot be read)"] : []),
        ...texts.flatMap(textLines),
      ],
    };
  });
}

export function resubmitDeadLetters(
  options: ChangeOptions & { readonly force?: boolean },
  desk = processDesk,
): Promise<number> {
  return answerCommand(options, async () => {
    const chosen = choose(options, await desk.office(false));
    if (chosen.length === 0) return nothing("resubmit");
    const office = await desk.office(true);
    // Each reply is a call of its own: it may take its time, and what is sent is told before the next one fails.
    const groups = [
      ...byAccount(chosen.filter(({ kind }) => kind === "message")),
      ...chosen.filter(({ kind }) => kind === "reply").map((found) => [found]),
    ];
    const more = options.force === true ? { force: true } : {};
    const outcomes: Outcome[] = [];
    for (const group of groups) {
      outcomes.push(
        await carryOut(group, options, more, RESUBMIT_METHOD, desk, (params) =>
          resubmitFromParams(params, office),
        ),
      );
    }
    return answerFor("Resubmitted", options, outcomes, ({ kind, id, account, messages }) => {
      if (kind === "reply") {
        return messages === undefined || messages.length === 0
          ? `Reply ${id}: somebody else has sent it meanwhile.`
          : `Sent reply ${id}: it is in Gotify as message ${messages.join(", ")}.`;
      }
      return desk.isInUse(account)
        ? `Message ${id} is on its way to the agent again.`
        : `Message ${id} goes to the agent again as soon as a Gateway runs account ${account}.`;
    });
  });
}

export function dropDeadLetters(
  options: ChangeOptions & { readonly yes?: boolean },
  asking: Asking,
  desk = processDesk,
): Promise<number> {
  return answerCommand(options, async () => {
    const office = await desk.office(false);
    const chosen = choose(options, office);
    if (chosen.length === 0) return nothing("drop");
    const mayAsk = options.json !== true && asking.canAsk;
    // A program that names one has said which; all of them is another matter.
    if (mayAsk || options.all === true) {
      await asking.confirm(questionFor(chosen), { yes: options.yes === true, mayAsk });
    }
    const groups = LETTER_KINDS.flatMap((kind) =>
      byAccount(chosen.filter((one) => one.kind === kind)),
    );
    const outcomes: Outcome[] = [];
    for (const group of groups) {
      outcomes.push(
        await carryOut(group, options, {}, DROP_METHOD, desk, (params) =>
          dropFromParams(params, office),
        ),
      );
    }
    return answerFor("Dropped", options, outcomes, ({ kind, id }) =>
      kind === "message"
        ? `Dropped message ${id}: it will not be answered.`
        : `Dropped reply ${id}: it will not be sent.`,
    );
  });
}

function given({ account, kind }: LetterOptions) {
  return {
    ...(account === undefined ? {} : { account }),
    ...(kind === undefined ? {} : { kind: kindOf(kind) }),
  };
}

/** @throws {CommandError} when it is not clear what is meant. */
function choose(options: ChangeOptions, office: Office): readonly Found[] {
  const { id, all, account } = options;
  const kind = kindOf(options.kind);
  if ((id === undefined) === (all !== true)) {
    throw new CommandError(
      "Name one dead letter, or give --all for those of one account. See openclaw gotify dead-letters list.",
    );
  }
  if (id !== undefined) return [findOne(office, id, { account, kind })];
  const [only] = accountsFor(office, account ?? defaultAccountId(office.cfg));
  const dead = findAll(office, { account: only, kind }, "unread").filter(isDead);
  // What a person is asked about is shown.
  return dead.length === 1 ? dead.map((found) => withText(office, found)) : dead;
}

function nothing(verb: string): CommandAnswer {
  return { result: { done: [] }, lines: [`There are no dead letters to ${verb}.`] };
}

function questionFor(chosen: readonly Found[]): string {
  const [first] = chosen;
  if (first === undefined || chosen.length > 1) {
    return `Drop ${chosen.length} dead letters of account ${first?.letter.account}, for good?`;
  }
  return `Drop ${nameOf(first.letter)} (${first.letter.preview}), for good?`;
}

function byAccount(chosen: readonly Found[]): readonly (readonly Found[])[] {
  return [...Map.groupBy(chosen, ({ letter }) => letter.account).values()];
}

/** @param group letters of one account and kind. */
async function carryOut(
  group: readonly Found[],
  { all }: ChangeOptions,
  more: Params,
  method: string,
  desk: Desk,
  work: (params: Params) => Promise<Outcome>,
): Promise<Outcome> {
  const { account = "", kind = "message" } = group[0]?.letter ?? {};
  const ids = group.map(({ letter }) => letter.fullId);
  // One that was named fails with its own reason.
  const params = { account, kind, ...more, ...(all === true ? { ids } : { id: ids[0] }) };
  try {
    return desk.isInUse(account)
      ? readOutcome(await desk.callGateway(method, params))
      : await work(params);
  } catch (error) {
    if (all !== true) throw error;
    const failure = errorText(error);
    return {
      done: [],
      failed: group.map(({ letter }) => ({ kind, id: letter.id, account, error: failure })),
    };
  }
}

/** Another version of the plugin may answer in the Gateway. */
function readOutcome(answer: Params): Outcome {
  const read = (name: string) => {
    const list: unknown = answer[name];
    return (Array.isArray(list) ? list : []).map((value: unknown) => {
      const one = asObject(value) ?? {};
      const messages: unknown = one["messages"];
      return {
        kind: kindOf(one["kind"]) ?? "message",
        id: asString(one["id"]) ?? "",
        account: asString(one["account"]) ?? "",
        error: asString(one["error"]) ?? "",
        ...(Array.isArray(messages)
          ? { messages: messages.map(asInteger).filter((id) => id !== undefined) }
          : {}),
      };
    });
  };
  return {
    done: read("done").map(({ error: _none, ...done }) => done),
    failed: read("failed"),
  };
}

/** @throws {CommandError} with what was done all the same, when some of it was not. */
function answerFor(
  verb: string,
  { all }: ChangeOptions,
  outcomes: readonly Outcome[],
  lineFor: (done: Outcome["done"][number]) => string,
): CommandAnswer {
  const done = outcomes.flatMap((outcome) => outcome.done);
  const failed = outcomes.flatMap((outcome) => outcome.failed);
  if (failed.length > 0) {
    const named = failed.slice(0, MAX_NAMED).map((one) => `${nameOf(one)}: ${one.error}`);
    const more = failed.length > MAX_NAMED ? ` And ${failed.length - MAX_NAMED} more.` : "";
    throw new CommandError(
      `${verb} ${done.length} of ${done.length + failed.length} dead letters. ${named.join(" ")}${more}`,
      { result: { done, failed } },
    );
  }
  return { result: all === true ? { done } : { ...done[0] }, lines: done.map(lineFor) };
}
