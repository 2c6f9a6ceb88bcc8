// Owns what a Gotify message is: its shape on the wire, in lists and in stream frames, and the draft that becomes one.
import { GotifyConfigError } from "./errors.ts";
import { asId, asInstant, asInteger, asObject, asString, type JsonObject } from "./parse.ts";

/** A stored message. The same shape comes from `POST /message`, from lists and from the stream. */
export interface GotifyMessage {
  /**
   * Greater than 0 and unique on its server; gaps mean nothing, and ids may arrive out of order.
   * 0 only for a server plugin's message that could not be stored.
   */
  readonly id: number;
  /** The application it belongs to, asserted by the server. Means nothing without the server it came from. */
  readonly appId: number;
  /** The body. Plain text unless `extras["client::display"].contentType` is `text/markdown`. */
  readonly message: string;
  /** What the sender wrote, or the application's name. Anyone who may post can write anything here. */
  readonly title: string;
  /** Any integer; 0 to 10 by convention. */
  readonly priority: number;
  /** Free JSON by namespace, `{}` when there is none. Written by the sender, so it proves nothing. */
  readonly extras: JsonObject;
  /** When the server took it in, to the millisecond; `undefined` when it cannot be read. No identity: it changes by rounding. */
  readonly date: Date | undefined;
}

/** A message to be posted. */
export interface GotifyMessageDraft {
  /** Not empty. Gotify itself has no limit; MySQL and MariaDB refuse more than 65,535 bytes. */
  readonly message: string;
  /** Left out or blank: Gotify shows the application's name. */
  readonly title?: string;
  /** An integer. Left out: the application's default priority, which is 0 (silent) on a new application. */
  readonly priority?: number;
  /** Own data under an own namespace (`<top>::<action>`); large numbers as strings, Gotify rounds them. */
  readonly extras?: JsonObject;
  /**
   * The application to post to, by its id. Needed with a client token (Gotify 3), ignored with an app token, so
   * naming it is always safe.
   */
  readonly appId?: number;
}

/** Reads a message; `undefined` when the value is not one. Unknown fields are ignored: newer servers may add some. */
export function parseMessage(value: unknown): GotifyMessage | undefined {
  const object = asObject(value);
  const id = asId(object?.["id"]);
  const appId = asId(object?.["appid"]);
  const message = asString(object?.["message"]);
  if (object === undefined || id === undefined || appId === undefined || message === undefined) {
    return undefined;
  }
  return {
    id,
    appId,
    message,
    title: asString(object["title"]) ?? "",
    priority: asInteger(object["priority"]) ?? 0,
    extras: asObject(object["extras"]) ?? {},
    date: asInstant(object["date"]),
  };
}

/**
 * The JSON body for `POST /message`.
 *
 * @throws {GotifyConfigError} for what Gotify would refuse anyway: no message or an empty one, a fractional
 * priority or application id, extras that are no object.
 */
export function draftToWire(draft: GotifyMessageDraft): JsonObject {
  if ((asString(asObject(draft)?.["message"]) ?? "") === "") {
    throw new GotifyConfigError("Gotify stores no empty message. Pass some text as message.");
  }
  if (draft.title !== undefined && asString(draft.title) === undefined) {
    throw new GotifyConfigError("The title of a message is a text.");
  }
  if (draft.extras !== undefined && asObject(draft.extras) === undefined) {
    throw new GotifyConfigError(
      "The extras of a message are an object with a member for each namespace.",
    );
  }
  if (draft.priority !== undefined && !Number.isSafeInteger(draft.priority)) {
    throw new GotifyConfigError(`A priority is a whole number, not ${draft.priority}.`);
  }
  if (draft.appId !== undefined && !((asId(draft.appId) ?? 0) > 0)) {
    throw new GotifyConfigError(`The id of an application is a whole number, not ${draft.appId}.`);
  }
  return {
    message: draft.message,
    ...(draft.title === undefined ? {} : { title: draft.title }),
    ...(draft.priority === undefined ? {} : { priority: draft.priority }),
    ...(draft.extras === undefined ? {} : { extras: draft.extras }),
    ...(draft.appId === undefined ? {} : { appid: draft.appId }),
  };
}
