// Owns the message calls: post one, read a page, delete one or many.
import { checkedId } from "./call-options.ts";
import type { Deadline } from "./deadline.ts";
import { GotifyConfigError } from "./errors.ts";
import { exchange, exchangeNothing, notGotify, type Credential, type HttpSetup } from "./http.ts";
import {
  draftToWire,
  parseMessage,
  type GotifyMessage,
  type GotifyMessageDraft,
} from "./message.ts";
import { asHttpDate, asId, asObject } from "./parse.ts";

/** Which stored messages to list, in the server's own terms. */
export interface MessageQuery {
  /** Only this application's messages. Left out: every application of the token's user. */
  readonly appId?: number;
  /** 1 to 200; 100 when left out. */
  readonly limit?: number;
  /** Only ids below this one: a cursor that leads backwards in time. 0 means none, as with Gotify itself. */
  readonly since?: number;
}

/** One page of messages, newest first. */
export interface GotifyMessagePage {
  /** By descending id. `[]` when there is none. */
  readonly messages: readonly GotifyMessage[];
  /** Pass it as `since` for the next, older page; `undefined` on the last one. */
  readonly next: number | undefined;
  /** How many entries could not be read as a message and are missing above. 0 with every known Gotify. */
  readonly unreadable: number;
  /** The server's clock when it answered, to the second; `undefined` without a `Date` header. */
  readonly servedAt: Date | undefined;
}

export async function sendMessage(
  setup: HttpSetup,
  credential: Credential,
  draft: GotifyMessageDraft,
  deadline: Deadline,
): Promise<GotifyMessage> {
  const json = draftToWire(draft);
  if (credential.kind === "client" && draft.appId === undefined) {
    // Gotify 3 would answer 400, and Gotify 2 takes no client token for a post at all.
    throw new GotifyConfigError(
      "A post with a client token must say to which application: pass appId, or use an app token.",
    );
  }
  const answer = await exchange(setup, {
    method: "POST",
    path: "/message",
    json,
    credential,
    deadline,
  });
  const stored = parseMessage(answer.json);
  // Only what was never stored has the id 0.
  if (stored === undefined || stored.id === 0) throw notGotify(setup, "/message");
  return stored;
}

export async function listMessages(
  setup: HttpSetup,
  credential: Credential,
  query: MessageQuery,
  deadline: Deadline,
): Promise<GotifyMessagePage> {
  const path =
    query.appId === undefined ? "/message" : `/application/${checkedId(query.appId)}/message`;
  const { json, header } = await exchange(setup, {
    method: "GET",
    path,
    query: { limit: query.limit, since: query.since },
    credential,
    deadline,
  });
  const page = asObject(json);
  const items: unknown = page?.["messages"];
  // `paging.next` is an address as some proxy sees it, and differs between Gotify 2 and 3; `since` is neither.
  const since = asId(asObject(page?.["paging"])?.["since"]);
  // Without it, a page in the middle would look like the last one, and what is older would be missed.
  if (!Array.isArray(items) || since === undefined) throw notGotify(setup, path);
  const messages = items.map(parseMessage).filter((message) => message !== undefined);
  return {
    messages,
    next: since === 0 ? undefined : since,
    unreadable: items.length - messages.length,
    servedAt: asHttpDate(header("date")),
  };
}

export async function deleteMessage(
  setup: HttpSetup,
  credential: Credential,
  id: number,
  deadline: Deadline,
): Promise<void> {
  await exchangeNothing(setup, {
    method: "DELETE",
    path: `/message/${checkedId(id)}`,
    credential,
    deadline,
  });
}

export async function deleteApplicationMessages(
  setup: HttpSetup,
  credential: Credential,
  appId: number,
  deadline: Deadline,
): Promise<void> {
  const path = `/application/${checkedId(appId)}/message`;
  await exchangeNothing(setup, { method: "DELETE", path, credential, deadline });
}

/** Takes no id at all: one that got lost on the way must never come to mean every application. */
export async function deleteAllMessages(
  setup: HttpSetup,
  credential: Credential,
  deadline: Deadline,
): Promise<void> {
  await exchangeNothing(setup, { method: "DELETE", path: "/message", credential, deadline });
}
