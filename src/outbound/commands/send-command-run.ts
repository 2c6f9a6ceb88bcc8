// Owns what `openclaw gotify send` does: from its options to a reply, and from the outcome to a line and an exit code.
import { resolve } from "node:path";
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { defaultAccountId } from "../../config/account-ids.ts";
import { resolveAccount } from "../../config/accounts.ts";
import { configWithSecrets } from "../../config/command-secrets.ts";
import { errorText } from "../../config/error-text.ts";
import { PRIORITY_NAMES, readPriority } from "../../config/priority.ts";
import { asObject, parseJson, type JsonObject } from "../../gotify/parse.ts";
import { readContentType } from "../controls/native.ts";
import { allowedControls } from "../controls/policy.ts";
import type { NativeControls, Reply } from "../reply.ts";
import { checkTarget } from "../target/resolve-target.ts";

/** As the command line was written. */
export interface SendOptions {
  readonly to?: string;
  readonly app?: string;
  readonly account?: string;
  readonly message?: string;
  readonly title?: string;
  readonly priority?: string;
  readonly contentType?: string;
  readonly clickUrl?: string;
  readonly bigImage?: string;
  readonly intentUrl?: string;
  readonly extras?: string;
  readonly media?: readonly string[];
  readonly silent?: boolean;
  readonly json?: boolean;
}

/** The way out, handed in so that this can be tested without it. */
export type SendReply = (request: {
  readonly cfg: OpenClawConfig;
  readonly to: string;
  readonly accountId?: string | null;
  readonly reply: Reply;
}) => Promise<{
  readonly messages: readonly { readonly id: number; readonly appId: number }[];
  readonly peerId: string;
}>;

/** What was written cannot be sent: one line that says what to write. */
class OptionError extends Error {
  override readonly name = "OptionError";
  readonly code = "GOTIFY_OPTION";
}

/** What sending needs; passed in where tests own it. */
export interface Sending {
  readonly cfg: OpenClawConfig;
  /** Finds out that a target names nothing, which a post for it would not. */
  readonly check: typeof checkTarget;
  readonly send: SendReply;
}

/** Sends, and prints what became of it. Returns the exit code. */
export async function sendFromCommandLine(
  options: SendOptions,
  { send, cfg: given, check = checkTarget }: Partial<Sending> & Pick<Sending, "send">,
): Promise<number> {
  try {
    const cfg = given ?? (await configWithSecrets("openclaw gotify send"));
    const reply = replyOf(options);
    assertAllowed(reply, cfg, options.account);
    const where = {
      cfg,
      ...(options.account === undefined ? {} : { accountId: options.account }),
    };
    const { to } = await check({ ...where, to: targetOf(options, cfg) });
    const { messages, peerId } = await send({ ...where, to, reply });
    if (messages.length === 0) {
      throw new OptionError("Nothing of this could be seen, so nothing was sent. Give some text.");
    }
    const ids = messages.map(({ id }) => id).join(", ");
    const applications = [...new Set(messages.map(({ appId }) => appId))].join(", ");
    print(
      process.stdout,
      options.json === true
        ? JSON.stringify({
            ok: true,
            conversation: peerId,
            messages: messages.map(({ id, appId }) => ({ id, application: appId })),
          })
        : `Sent for ${peerId}: message ${ids} in application ${applications}.`,
    );
    return 0;
  } catch (error) {
    const text = errorText(error);
    if (options.json === true) print(process.stdout, JSON.stringify({ ok: false, error: text }));
    else print(process.stderr, text);
    return 1;
  }
}

function targetOf({ to, app, account }: SendOptions, cfg: OpenClawConfig): string {
  if (to !== undefined && app !== undefined) {
    throw new OptionError("Give --to or --app, not both: --app 5 is short for --to app:5.");
  }
  return to ?? (app === undefined ? `account:${account ?? defaultAccountId(cfg)}` : `app:${app}`);
}

function replyOf(options: SendOptions): Reply {
  const text = options.message ?? "";
  const mediaUrls = (options.media ?? []).map(locate);
  if (text.trim() === "" && mediaUrls.length === 0) {
    throw new OptionError("There is nothing to send. Give --message or --media.");
  }
  return {
    text,
    mediaUrls,
    kind: "answer",
    silent: options.silent === true,
    native: {
      title: options.title,
      priority: priorityOf(options.priority),
      contentType: contentTypeOf(options.contentType),
      clickUrl: options.clickUrl,
      bigImageUrl: options.bigImage,
      intentUrl: options.intentUrl,
      extras: extrasOf(options.extras),
    },
    answers: {},
    isExplicit: true,
    by: "operator",
  };
}

/** The way out leaves out what cannot count, and still sends: whoever typed it has to hear of it. */
function assertAllowed({ native, by }: Reply, cfg: OpenClawConfig, accountId?: string): void {
  const { dropped } = allowedControls(native, { by, account: resolveAccount(cfg, accountId) });
  if (dropped.length > 0) throw new OptionError(`Nothing was sent. ${dropped.join(" ")}`);
}

/** A file is meant from where the command was given. */
function locate(media: string): string {
  return URL.canParse(media) ? media : resolve(media);
}

function priorityOf(written: string | undefined): number | undefined {
  if (written === undefined) return undefined;
  const priority = readPriority(written);
  if (priority !== undefined) return priority;
  const names = Object.keys(PRIORITY_NAMES).join(", ");
  throw new OptionError(`--priority is a whole number or one of ${names}, not "${written}".`);
}

function contentTypeOf(written: string | undefined): NativeControls["contentType"] {
  if (written === undefined) return undefined;
  const type = readContentType(written);
  if (type !== undefined) return type;
  throw new OptionError(`--content-type is markdown or plain, not "${written}".`);
}

function extrasOf(written: string | undefined): JsonObject | undefined {
  if (written === undefined) return undefined;
  const extras = asObject(parseJson(written));
  if (extras !== undefined) return extras;
  throw new OptionError(
    `--extras is a JSON object with a member for each namespace, e.g. '{"home::display":{"room":"kitchen"}}'.`,
  );
}

function print(stream: NodeJS.WriteStream, line: string): void {
  stream.write(`${line}\n`);
}
