// Owns what is done with dead letters on request, in whichever process may do it: the Gateway's methods, and the command line where no Gateway runs.
import { setImmediate as breathe } from "node:timers/promises";
import { CommandError } from "../../../config/command-line.ts";
import { errorText } from "../../../config/error-text.ts";
import { asString } from "../../../gotify/parse.ts";
import { createFinder, findAll, findOne, isDead, type Where } from "./find.ts";
import { LETTER_KINDS, type Found, type Letter, type LetterKind } from "./letter.ts";
import { dropFoundMessage, messageDetails, resubmitFoundMessage } from "./messages.ts";
import { processOffice, type Office } from "./office.ts";
import { dropFoundReply, replyDetails, resubmitFoundReply } from "./replies.ts";

/** What was asked for, as programs may write it; nothing of it is taken on trust. */
export type Params = Readonly<Record<string, unknown>>;

/** - `done`: one entry for each, a reply's with its messages in Gotify. - `failed`: what stays as it was, and why. */
export interface Outcome {
  readonly done: readonly (Named & { readonly messages?: readonly number[] })[];
  readonly failed: readonly (Named & { readonly error: string })[];
}

type Named = Pick<Letter, "kind" | "id" | "account">;

/** `{account?, kind?}` to the dead letters, oldest first, and how many replies OpenClaw still tries. */
export function listFromParams(
  params: Params,
  office: Office = processOffice(),
): { letters: readonly Letter[]; stillTried: number } {
  const all = findAll(office, whereOf(params), "shown");
  const letters = all.filter(isDead).map(({ letter }) => letter);
  return { letters, stillTried: all.length - letters.length };
}

/** `{id, account?, kind?}` to everything that is known of one. */
export function showFromParams(
  params: Params,
  office: Office = processOffice(),
): { letter: ReturnType<typeof messageDetails> | ReturnType<typeof replyDetails> } {
  const [id = ""] = idsOf(params, 1);
  const found = findOne(office, id, whereOf(params));
  return {
    letter: found.kind === "message" ? messageDetails(office, found) : replyDetails(found),
  };
}

/** `{id | ids | all: true, account?, kind?, force?}`. A single `id` that fails is an error; of several, each is told. */
export function resubmitFromParams(
  params: Params,
  office: Office = processOffice(),
): Promise<Outcome> {
  const force = booleanOf(params, "force");
  return forEach(params, office, async (found) => {
    if (found.kind === "reply") {
      return { messages: await resubmitFoundReply(office, found, force) };
    }
    await resubmitFoundMessage(office, found);
    return {};
  });
}

/** `{id | ids | all: true, account?, kind?}`. */
export function dropFromParams(params: Params, office: Office = processOffice()): Promise<Outcome> {
  return forEach(params, office, async (found) => {
    if (found.kind === "reply") await dropFoundReply(office, found);
    else await dropFoundMessage(office, found);
    return {};
  });
}

async function forEach(
  params: Params,
  office: Office,
  work: (found: Found) => Promise<{ messages?: readonly number[] }>,
): Promise<Outcome> {
  const where = whereOf(params);
  const isAll = booleanOf(params, "all");
  if (isAll && where.account === undefined) {
    throw new CommandError("Name the account whose dead letters are all meant.");
  }
  const wanted = isAll ? everyOne(office, where) : chosen(params, office, where);
  const isOne = params["id"] !== undefined;
  const done: (Named & { messages?: readonly number[] })[] = [];
  const failed: (Named & { error: string })[] = [];
  for (const { id: written, find } of wanted) {
    let named: Named | undefined;
    try {
      const found = find();
      const { kind, id, account } = found.letter;
      named = { kind, id, account };
      done.push({ ...named, ...(await work(found)) });
    } catch (error) {
      if (isOne) throw error;
      const account = where.account ?? "";
      const unknown = { kind: where.kind ?? "message", id: written, account };
      failed.push({ ...(named ?? unknown), error: errorText(error) });
    }
    // Each of a thousand is a write to the disk; the accounts of this process live on meanwhile.
    await breathe();
  }
  return { done, failed };
}

/** One that is meant, by the id that it was called by. */
interface Wanted {
  readonly id: string;
  readonly find: () => Found;
}

function everyOne(office: Office, where: Where): readonly Wanted[] {
  const dead = findAll(office, where, "unread").filter(isDead);
  return dead.map((found) => ({ id: found.letter.id, find: () => found }));
}

function chosen(params: Params, office: Office, where: Where): readonly Wanted[] {
  const ids = idsOf(params, Number.POSITIVE_INFINITY);
  const find = createFinder(office, where);
  return ids.map((id) => ({ id, find: () => find(id) }));
}

function whereOf(params: Params): Where {
  const account = params["account"];
  if (account !== undefined && (typeof account !== "string" || account.trim() === "")) {
    throw new CommandError("The account is a name of channels.gotify.accounts, in a string.");
  }
  return { account: asString(account), kind: kindOf(params["kind"]) };
}

/** @throws {CommandError} when it is none. */
export function kindOf(written: unknown): LetterKind | undefined {
  if (written === undefined) return undefined;
  const kind = LETTER_KINDS.find((known) => known === written);
  if (kind !== undefined) return kind;
  throw new CommandError(
    `The kind of a dead letter is message or reply, not "${asString(written) ?? typeof written}".`,
  );
}

function idsOf(params: Params, most: number): readonly string[] {
  const written: unknown = params["ids"] ?? [params["id"]];
  const ids = (Array.isArray(written) ? written : []).map((id: unknown) => asString(id)?.trim());
  const whole = ids.filter((id) => id !== undefined && id !== "");
  if (whole.length === ids.length && ids.length > 0 && ids.length <= most) {
    return whole.filter((id) => id !== undefined);
  }
  throw new CommandError("Name the dead letter by its id, in a string.");
}

function booleanOf(params: Params, name: string): boolean {
  const value = params[name];
  if (value === undefined || typeof value === "boolean") return value === true;
  throw new CommandError(`"${name}" is true or false.`);
}
