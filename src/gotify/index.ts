// Owns what `@partme.ai/openclaw-gotify/client` exports: a Gotify client for any TypeScript program.
export type {
  ApplicationImage,
  ApplicationSettings,
  CreatedApplication,
  GotifyApplication,
} from "./applications.ts";
export type { BootstrapRequest, BootstrapResult } from "./bootstrap.ts";
export type { CallOptions, ElevatedCallOptions, GotifyLogin } from "./call-options.ts";
export type { ClientSettings, CreatedClient, GotifyClientEntry } from "./clients.ts";
export { GotifyClient, type GotifyClientOptions } from "./client.ts";
export {
  OPENCLAW_EXTRAS_KEY,
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
  needsElevation,
  type GotifyErrorCode,
  type SendOutcome,
} from "./errors.ts";
export { parseMessage, type GotifyMessage, type GotifyMessageDraft } from "./message.ts";
export type { HistoryQuery } from "./history.ts";
export type { GotifyMessagePage, MessageQuery } from "./messages.ts";
export type { GotifyHealth, GotifyInfo, GotifyUser, GotifyVersion } from "./server.ts";
export type {
  DroppedFrameReason,
  GotifySocketOptions,
  GotifyStream,
  GotifyStreamClose,
  GotifyStreamOptions,
} from "./stream-options.ts";
export type { AppTokenProbe, ClientTokenProbe } from "./tokens.ts";
export type { Body, Transport, TransportAnswer, TransportRequest } from "./transport.ts";
export { parseServerUrl, type GotifyServerUrl } from "./url.ts";
