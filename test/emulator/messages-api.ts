// Owns the message endpoints: posting, paging through what is stored, deleting.
import { setTimeout as delay } from "node:timers/promises";
import { bindForm, type Shape } from "./binding.ts";
import type { Core } from "./core.ts";
import { refusalOf, storedInstant } from "./databases.ts";
import { deliver } from "./delivery.ts";
import { bindBody, empty, json, problem, type Answer, type Ask } from "./exchange.ts";
import { trimBlanks } from "./go-text.ts";
import { OutletGoneError } from "./outlet.ts";
import { messageJson } from "./present.ts";
import type { ApplicationRecord, MessageRecord } from "./records.ts";
import type { Handler, Visit } from "./route.ts";
import type { MessageRange } from "./store.ts";

const MESSAGE_FIELDS: Shape["fields"] = [
  { name: "message", type: "string", required: true },
  { name: "title", type: "string" },
  { name: "priority", type: "int", nullable: true },
  { name: "extras", type: "map" },
];
const MESSAGE_SHAPES = {
  v2: {
    goType: "model.MessageExternal",
    // What the server itself sets may stand in JSON; it must be well-formed, and is not kept.
    fields: [
      { name: "id", type: "uint", inForms: false },
      { name: "appid", type: "uint", inForms: false },
      ...MESSAGE_FIELDS,
      { name: "date", type: "date" },
    ],
  },
  v3: {
    goType: "model.CreateMessage",
    fields: [{ name: "appid", type: "uint" }, ...MESSAGE_FIELDS],
  },
} as const satisfies Record<string, Shape>;
const PAGING_SHAPE: Shape = {
  goType: "api.pagingParams",
  fields: [
    { name: "limit", type: "int" },
    { name: "since", type: "uint" },
  ],
};

const DEFAULT_LIMIT = 100n;
const MAX_LIMIT = 200n;
/** Of a database's integers. */
const MAX_ID = 2n ** 63n - 1n;

export const postMessage: Handler = async (visit) => {
  const { core, ask, caller } = visit;
  const draft = await bindBody(MESSAGE_SHAPES[core.personality], ask, core.personality === "v3");
  const application = caller.application ?? ownApplication(visit, draft.integer("appid") ?? 0n);
  if ("status" in application) return application;

  const fault = core.faults.takePostFault();
  if (fault?.kind === "hang") await core.faults.untilThaw(fault.delayMs);

  const title = draft.text("title") ?? "";
  const text = {
    title: trimBlanks(title) === "" ? application.name : title,
    message: draft.text("message") ?? "",
  };
  const refusal = refusalOf(core.faults.database, text);
  if (refusal !== undefined) return problem(500, refusal);
  const failsAfterStoring = fault?.kind === "stored-but-500";
  const { message, done } = deliver(
    core,
    {
      ...text,
      applicationId: application.id,
      priority: draft.integer("priority") ?? application.defaultPriority,
      extras: draft.map("extras"),
      date: core.clock.now(),
    },
    { streamed: !failsAfterStoring || fault.streamed },
  );
  try {
    // Streams are told before the sender is answered: an echo may be there first.
    await done;
  } catch (error) {
    // The real server's handler dies of it, with nothing said but the status.
    if (error instanceof OutletGoneError) return empty(500);
    throw error;
  }
  if (!failsAfterStoring) return json(messageJson(message));
  return fault.text === undefined ? empty(500) : problem(500, fault.text);
};

/** Which application a caller without an application token posts to. */
function ownApplication({ core, caller }: Visit, id: bigint): ApplicationRecord | Answer {
  if (id === 0n) {
    return problem(400, "appid is required when not authenticating with an application token");
  }
  const application = core.store.application(Number(id));
  return application?.userId === caller.userId ? application : problem(400, "appid not found");
}

export const listMessages: Handler = ({ core, ask, caller }) =>
  page(core, ask, (range) => core.store.page({ ...range, owner: { userId: caller.userId } }));

export const listApplicationMessages: Handler = ({ core, ask, caller, id }) =>
  page(core, ask, (range) => {
    const application = core.store.application(id);
    if (application?.userId !== caller.userId) return undefined;
    return core.store.page({ ...range, owner: { applicationId: id } });
  });

async function page(
  { personality, faults }: Core,
  ask: Ask,
  read: (range: Omit<MessageRange, "owner">) => readonly MessageRecord[] | undefined,
): Promise<Answer> {
  const params = bindForm(PAGING_SHAPE, ask.query, personality === "v3");
  const limit = params.integer("limit") ?? DEFAULT_LIMIT;
  if (limit > MAX_LIMIT) {
    return problem(400, `Field 'limit' must be less or equal to ${MAX_LIMIT}`);
  }
  if (limit < 1n) return problem(400, "Field 'limit' must be more or equal to 1");
  if (faults.pageCostMs > 0) await delay(faults.pageCostMs);
  // One more than asked for tells whether there is another page.
  const before = params.integer("since") ?? 0n;
  // What no id can be is, to the database, below all of them.
  const found = before > MAX_ID ? [] : read({ before, limit: Number(limit) + 1 });
  if (found === undefined) return problem(404, "application does not exist");
  const messages = found.slice(0, Number(limit));
  const since = found.length > messages.length ? (messages.at(-1)?.id ?? 0) : 0;
  const next = since === 0 ? undefined : nextPage(personality, ask, limit, since);
  return json({
    paging: { next, size: messages.length, since, limit },
    messages: messages.map((message) =>
      messageJson({ ...message, date: storedInstant(faults.database, message.date) }),
    ),
  });
}

/** Gotify 2 guesses its own address from what the request says; neither version knows a proxy's prefix. */
function nextPage(
  personality: Visit["core"]["personality"],
  ask: Ask,
  limit: bigint,
  since: number,
): string {
  const path = `${ask.path}?limit=${limit}&since=${since}`;
  if (personality === "v3") return path;
  const scheme = firstOf(ask.headers["x-forwarded-proto"]) ?? "http";
  const host = firstOf(ask.headers["x-forwarded-host"]) ?? ask.headers.host ?? "localhost:8080";
  return `${scheme}://${host}${path}`;
}

function firstOf(header: string | readonly string[] | undefined): string | undefined {
  return typeof header === "string" ? header : header?.[0];
}

export const deleteMessages: Handler = ({ core, caller }) => {
  for (const { id } of core.store.applicationsOf(caller.userId)) core.store.removeMessagesOf(id);
  return empty();
};

export const deleteApplicationMessages: Handler = ({ core, caller, id }) => {
  const application = core.store.application(id);
  if (application?.userId !== caller.userId) return problem(404, "application does not exists");
  core.store.removeMessagesOf(id);
  return empty();
};

export const deleteMessage: Handler = ({ core, caller, id }) => {
  const message = core.store.message(id);
  const application =
    message === undefined ? undefined : core.store.application(message.applicationId);
  if (application?.userId !== caller.userId) return problem(404, "message does not exist");
  core.store.removeMessage(id);
  return empty();
};
