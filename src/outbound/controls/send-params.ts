// Owns what an agent may add to a `send` of the `message` tool: the parameters, how they are described, and what is wrong with them.
import type {
  ChannelMessageActionAdapter,
  ChannelMessageToolSchemaContribution,
} from "openclaw/plugin-sdk/channel-contract";
import { resolveAccount } from "../../config/accounts.ts";
import { PRIORITY_NAMES, readPriority } from "../../config/priority.ts";
import { CHANNEL_ID } from "../../config/types.ts";
import { asObject, asString, compact, parseJson, type JsonObject } from "../../gotify/parse.ts";
import { parseNative, readContentType, withChannelData } from "./native.ts";
import { allowedControls } from "./policy.ts";
import type { AnsweredTurn, NativeControls } from "../reply.ts";

type Prepare = NonNullable<ChannelMessageActionAdapter["prepareSendPayload"]>;
type PrepareContext = Parameters<Prepare>[0];

const NAMES = Object.keys(PRIORITY_NAMES).join(", ");

/**
 * For `describeMessageTool`. The text's format is not called `contentType`: that is the host's name for the
 * type of an attachment. No action depends on any of it (`actions: []`), so that an agent in another
 * channel may still send here; it is only not told of them there.
 */
export const SEND_PARAMS_SCHEMA: ChannelMessageToolSchemaContribution = {
  visibility: "current-channel",
  actions: [],
  properties: {
    priority: {
      type: ["string", "integer"],
      description: `Gotify: how loud the push is: ${NAMES}, or a whole number. 0 no notification, 1-3 silent, 4-7 sound, 8 and up over everything else. Omit for the usual one.`,
    },
    title: { type: "string", description: "Gotify: title of the push, one short line." },
    clickUrl: {
      type: "string",
      description: "Gotify: http(s) address that a tap on the notification opens.",
    },
    bigImageUrl: {
      type: "string",
      description:
        "Gotify: http(s) address of an image for the notification. From a host that is not allowed it becomes a link.",
    },
    textFormat: {
      type: "string",
      enum: ["markdown", "plain"],
      description: "Gotify: how the text is read. Omit to have it decided by the text.",
    },
    intentUrl: {
      type: "string",
      description: "Gotify: Android intent to open on arrival. Only where the operator allows it.",
    },
    extras: {
      type: "object",
      additionalProperties: true,
      description:
        "Gotify: further message extras by namespace. Only where the operator allows them.",
    },
  },
};

/** Reads one parameter; `undefined` when it is not what `expected` says. */
interface Parameter {
  readonly control: keyof NativeControls;
  readonly expected: string;
  readonly read: (value: unknown) => unknown;
}

const ADDRESS = "an address";
const PARAMETERS: Readonly<Record<string, Parameter>> = {
  priority: { control: "priority", expected: `${NAMES} or a whole number`, read: readPriority },
  title: { control: "title", expected: "a text", read: asString },
  clickUrl: { control: "clickUrl", expected: ADDRESS, read: asString },
  bigImageUrl: { control: "bigImageUrl", expected: ADDRESS, read: asString },
  textFormat: { control: "contentType", expected: "markdown or plain", read: readContentType },
  intentUrl: { control: "intentUrl", expected: ADDRESS, read: asString },
  extras: {
    control: "extras",
    expected: "an object with a member for each namespace",
    read: (value) => asObject(typeof value === "string" ? parseJson(value) : value),
  },
};
/** The same as they stand in `channelData.gotify`. */
const STORED_PARAMETERS: Readonly<Record<string, Parameter>> = {
  ...PARAMETERS,
  contentType: {
    control: "contentType",
    expected: "text/markdown or text/plain",
    read: readContentType,
  },
};

/**
 * Moves the parameters of a `send` into the payload, where they survive the host's queue. `channelData` can
 * come from the agent as it is, so of what it says for this channel only controls are kept.
 *
 * `openclaw message send` comes through here as well, and is treated as an agent: what the host says of its
 * caller is not meant for this, and a payload in the queue could not prove it.
 *
 * @throws with one line for the agent that says what is wrong and what is allowed; nothing is sent then.
 */
export function prepareSendPayload(
  { ctx, payload }: PrepareContext,
  agentNameOf: (agentId: string) => string | undefined = () => undefined,
): ReturnType<Prepare> {
  if (ctx.action !== "send") return null;
  const { [CHANNEL_ID]: written, ...otherChannels } = payload.channelData ?? {};
  const problems: string[] = [];
  const native = parseNative({
    ...readParameters(asObject(written) ?? {}, STORED_PARAMETERS, problems),
    ...readParameters(ctx.params, PARAMETERS, problems),
  });
  const account = resolveAccount(ctx.cfg, ctx.accountId ?? null);
  problems.push(...allowedControls(native, { by: "agent", account }).dropped);
  if (problems.length > 0) throw new Error(`Not sent. ${problems.join(" ")}`);
  const { channelData: _written, ...rest } = payload;
  return withChannelData(
    Object.keys(otherChannels).length === 0 ? rest : { ...rest, channelData: otherChannels },
    { native, answers: speaker(ctx, agentNameOf), isExplicit: true },
  );
}

/** Who sends. A terminal has no session, and its messages are not the agent's. */
function speaker(
  { agentId, sessionKey }: PrepareContext["ctx"],
  agentNameOf: (agentId: string) => string | undefined,
): AnsweredTurn {
  if (typeof agentId !== "string" || typeof sessionKey !== "string") return {};
  return compact({ agentId, agentName: agentNameOf(agentId) });
}

function readParameters(
  given: JsonObject,
  parameters: Readonly<Record<string, Parameter>>,
  problems: string[],
): JsonObject {
  const controls: Record<string, unknown> = {};
  for (const [name, { control, expected, read }] of Object.entries(parameters)) {
    const value = given[name];
    // Models fill in what they leave out.
    if (value === undefined || value === null || value === "") continue;
    const known = read(value);
    if (known === undefined) problems.push(`${name} has to be ${expected}.`);
    else controls[control] = known;
  }
  return controls;
}
