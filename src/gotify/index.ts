// Owns what `@partme.ai/openclaw-gotify/client` exports: a Gotify client for any TypeScript program.
export type { GotifyApplication } from "./applications.ts";
export { GotifyClient, type GotifyClientOptions } from "./client.ts";
export {
  DELIVERY_STAMP_KEY,
  readStamp,
  stampExtras,
  type DeliveryStamp,
} from "./delivery-stamp.ts";
export {
  classifySendFailure,
  GotifyAnswerError,
  GotifyConfigError,
  GotifyError,
  GotifyHttpError,
  GotifyNetworkError,
  isGotifyError,
  type GotifyErrorCode,
  type SendOutcome,
} from "./errors.ts";
export { parseMessage, type GotifyMessage, type GotifyMessageDraft } from "./message.ts";
export type { CallOptions, GotifyMessagePage, MessageQuery } from "./messages.ts";
export type { GotifyHealth, GotifyInfo, GotifyUser, GotifyVersion } from "./server.ts";
export type {
  DroppedFrameReason,
  GotifySocketOptions,
  GotifyStreamClose,
  GotifyStreamOptions,
} from "./stream-options.ts";
export type { GotifyStream } from "./stream.ts";
export type { AppTokenProbe, ClientTokenProbe } from "./tokens.ts";
export { parseServerUrl, type GotifyServerUrl } from "./url.ts";
