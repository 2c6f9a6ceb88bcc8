// Owns reading what an agent asks of the administration tools, and refusing what makes no sense.
import type { ApplicationSettings } from "../gotify/applications.ts";
import type { ClientSettings } from "../gotify/clients.ts";
import { asInteger, asObject, asString, type JsonObject } from "../gotify/parse.ts";
import {
  APPLICATIONS_TOOL,
  CLIENTS_TOOL,
  MAX_DELETED_MESSAGES,
  MAX_LISTED_MESSAGES,
  MESSAGES_TOOL,
} from "./tools-schema.ts";

const DEFAULT_LISTED_MESSAGES = 20;
/** What a list or a notification can show. */
const MAX_TEXT_CHARS = 500;

/** What an agent asked for and does not get: one line with the remedy. */
export class ToolRefusedError extends Error {
  override readonly name = "ToolRefusedError";
  readonly code = "GOTIFY_TOOL_REFUSED";
}

/** What only reads. */
export type Reading =
  | { readonly kind: "list applications" }
  | { readonly kind: "list clients" }
  | {
      readonly kind: "list messages";
      readonly application: number | undefined;
      readonly query: string | undefined;
      readonly limit: number;
      readonly before: number | undefined;
    };

/** What a person has to approve. */
export type Change =
  | {
      readonly kind: "create application";
      readonly settings: ApplicationSettings & { readonly name: string };
    }
  | {
      readonly kind: "update application";
      readonly id: number;
      readonly settings: ApplicationSettings;
    }
  | { readonly kind: "delete application"; readonly id: number }
  | { readonly kind: "update client"; readonly id: number; readonly settings: ClientSettings }
  | { readonly kind: "delete client"; readonly id: number }
  | { readonly kind: "delete messages"; readonly ids: readonly number[] }
  | { readonly kind: "clear application"; readonly id: number };

export interface ToolRequest {
  /** Where several accounts have the tools. */
  readonly account: string | undefined;
  readonly work: Reading | Change;
}

export function isReading(work: Reading | Change): work is Reading {
  return work.kind.startsWith("list ");
}

/** @throws {ToolRefusedError} for what is missing or cannot be read. */
export function parseRequest(tool: string, params: unknown): ToolRequest {
  const given = asObject(params) ?? {};
  return { account: textOf(given, "account"), work: workOf(tool, given) };
}

function workOf(tool: string, given: JsonObject): Reading | Change {
  const action = asString(given["action"]) ?? "";
  switch (`${tool} ${action}`) {
    case `${APPLICATIONS_TOOL} list`:
      return { kind: "list applications" };
    case `${APPLICATIONS_TOOL} create`: {
      const { name, ...settings } = applicationSettings(given);
      if (name === undefined) throw new ToolRefusedError("Name the new application: name.");
      return { kind: "create application", settings: { ...settings, name } };
    }
    case `${APPLICATIONS_TOOL} update`:
      return {
        kind: "update application",
        id: needed(given, "id"),
        settings: atLeastOne(applicationSettings(given), "name, description or defaultPriority"),
      };
    case `${APPLICATIONS_TOOL} delete`:
      return { kind: "delete application", id: needed(given, "id") };
    case `${CLIENTS_TOOL} list`:
      return { kind: "list clients" };
    case `${CLIENTS_TOOL} update`:
      return {
        kind: "update client",
        id: needed(given, "id"),
        settings: atLeastOne(clientSettings(given), "name or expiresAfterInactivitySeconds"),
      };
    case `${CLIENTS_TOOL} delete`:
      return { kind: "delete client", id: needed(given, "id") };
    case `${MESSAGES_TOOL} list`:
      return {
        kind: "list messages",
        application: idOf(given, "application"),
        query: textOf(given, "query"),
        limit: Math.min(idOf(given, "limit") ?? DEFAULT_LISTED_MESSAGES, MAX_LISTED_MESSAGES),
        before: idOf(given, "before"),
      };
    case `${MESSAGES_TOOL} delete`:
      return { kind: "delete messages", ids: idsOf(given) };
    case `${MESSAGES_TOOL} clear`:
      return { kind: "clear application", id: needed(given, "application") };
    default:
      throw new ToolRefusedError(`${tool} has no action "${action}".`);
  }
}

function applicationSettings(given: JsonObject): ApplicationSettings {
  const name = textOf(given, "name");
  const description = textOf(given, "description", "may be empty");
  const defaultPriority = integerOf(given, "defaultPriority");
  return {
    ...(name === undefined ? {} : { name }),
    ...(description === undefined ? {} : { description }),
    ...(defaultPriority === undefined ? {} : { defaultPriority }),
  };
}

function clientSettings(given: JsonObject): ClientSettings {
  const name = textOf(given, "name");
  const seconds = integerOf(given, "expiresAfterInactivitySeconds");
  return {
    ...(name === undefined ? {} : { name }),
    ...(seconds === undefined ? {} : { expiresAfterInactivitySeconds: seconds }),
  };
}

function atLeastOne<T extends object>(settings: T, keys: string): T {
  if (Object.keys(settings).length > 0) return settings;
  throw new ToolRefusedError(`Say what to change: ${keys}.`);
}

function idsOf(given: JsonObject): readonly number[] {
  const list: readonly unknown[] = Array.isArray(given["ids"]) ? given["ids"] : [];
  const ids = [...new Set(list.map((value) => idOf({ ids: value }, "ids")))];
  const known = ids.filter((id) => id !== undefined);
  if (known.length === 0) throw new ToolRefusedError("Name the messages to delete: ids.");
  if (known.length > MAX_DELETED_MESSAGES) {
    throw new ToolRefusedError(
      `One call deletes at most ${MAX_DELETED_MESSAGES} messages; clear deletes all of an application.`,
    );
  }
  return known.toSorted((one, other) => one - other);
}

function needed(given: JsonObject, key: string): number {
  const id = idOf(given, key);
  if (id === undefined) throw new ToolRefusedError(`Name it by its id: ${key}.`);
  return id;
}

function idOf(given: JsonObject, key: string): number | undefined {
  const id = integerOf(given, key);
  if (id === undefined || id > 0) return id;
  throw new ToolRefusedError(`${key} is a whole number from 1 up.`);
}

function integerOf(given: JsonObject, key: string): number | undefined {
  if (given[key] === undefined || given[key] === null) return undefined;
  const value = asInteger(given[key]);
  if (value === undefined) throw new ToolRefusedError(`${key} is a whole number.`);
  return value;
}

function textOf(given: JsonObject, key: string, empty?: "may be empty"): string | undefined {
  if (given[key] === undefined || given[key] === null) return undefined;
  const text = asString(given[key])?.trim();
  if (text === undefined) throw new ToolRefusedError(`${key} is a text.`);
  if (text.length > MAX_TEXT_CHARS) {
    throw new ToolRefusedError(`${key} has at most ${MAX_TEXT_CHARS} characters.`);
  }
  return text === "" && empty === undefined ? undefined : text;
}
