// Owns what the doctor says of certificates: the server's, as it shows it to anybody, and the one that this side shows.
import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { request as httpsRequest } from "node:https";
import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { transportTo } from "../../config/connection-transport.ts";
import type { ResolvedAccount } from "../../config/types.ts";
import { withDeadline } from "../../gotify/deadline.ts";
import { networkFailure } from "../../gotify/network-failure.ts";
import { oneLine } from "../../gotify/one-line.ts";
import { parseServerUrl } from "../../gotify/url.ts";
import { failure, fine, thrown, warning, type Remark } from "./check.ts";

const DAY_MS = 24 * 60 * 60 * 1_000;
/** Certificates that renew themselves do so a month before. */
const WARN_DAYS = 14;

interface Shown {
  readonly certificate: X509Certificate;
  /** Why this machine does not trust it, in OpenSSL's or Node's own code. */
  readonly distrust: string | undefined;
}

export interface CertificateLook {
  readonly remarks: readonly Remark[];
  /** True when one was seen and is not trusted: every request fails for it. */
  readonly isDistrusted: boolean;
}

/** Says nothing of a certificate that cannot be seen: who asks anything else of the server says why. */
export async function lookAtCertificates(
  account: ResolvedAccount,
  now: number,
  { signal, timeoutMs }: { signal: AbortSignal; timeoutMs: number },
): Promise<CertificateLook> {
  const own = clientCertificate(account, now);
  const server = parseServerUrl(account.serverUrl ?? "");
  if (!server.secure) {
    const none = "The server is reached by http://, so there is no certificate.";
    return { remarks: [fine("certificate", none), ...own], isDistrusted: false };
  }
  let shown: Shown | undefined;
  try {
    // A limit of its own: the time of the whole check is longer than that of any other question.
    shown = await withDeadline({ signal, timeoutMs }, (deadline) =>
      lookAtCertificate(account, server.http("/version"), deadline.signal),
    );
  } catch {
    signal.throwIfAborted();
  }
  if (shown === undefined) return { remarks: own, isDistrusted: false };
  const remark = serverCertificate(server.href, shown, now);
  return { remarks: [remark, ...own], isDistrusted: remark.level === "error" };
}

function serverCertificate(server: string, { certificate, distrust }: Shown, now: number): Remark {
  const until = certificate.validToDate;
  const days = Math.floor((until.getTime() - now) / DAY_MS);
  const day = dayOf(until);
  if (now > until.getTime()) {
    return failure(
      "certificate",
      `The server's certificate has expired on ${day}.`,
      "Renew it, and let the server load the new one.",
    );
  }
  if (distrust !== undefined) {
    // By the same words as a request that fails for it.
    return thrown(
      "certificate",
      networkFailure(server, Object.assign(new Error(), { code: distrust })),
    );
  }
  if (days < WARN_DAYS) {
    return warning(
      "certificate",
      `The server's certificate expires on ${day}, ${inDays(days)}.`,
      "Renew it, and find out why that has not happened by itself.",
    );
  }
  const issuer = /^CN=(.*)$/m.exec(certificate.issuer)?.[1];
  return fine(
    "certificate",
    `The server's certificate is trusted and valid until ${day}, ${inDays(days)}${issuer === undefined ? "" : `, issued by ${oneLine(issuer)}`}.`,
  );
}

/** One that has expired already keeps the account from working, and is told as its problem. */
function clientCertificate({ connection }: ResolvedAccount, now: number): Remark[] {
  const path = connection.clientCertFile;
  if (path === undefined) return [];
  const { validToDate } = new X509Certificate(readFileSync(path));
  const days = Math.floor((validToDate.getTime() - now) / DAY_MS);
  const what = `The client certificate in connection.clientCertFile is valid until ${dayOf(validToDate)}, ${inDays(days)}.`;
  return [
    days < WARN_DAYS
      ? warning("client-certificate", what, "Have a new one issued, and put it in its place.")
      : fine("client-certificate", what),
  ];
}

/**
 * What the server shows on the account's own way there, also when it is not trusted: nothing of ours is sent.
 * `undefined` where it cannot be seen.
 */
async function lookAtCertificate(
  account: ResolvedAccount,
  url: URL,
  signal: AbortSignal,
): Promise<Shown | undefined> {
  const { socketOptions } = transportTo(account.serverUrl ?? "", account.connection);
  const made = typeof socketOptions === "function" ? await socketOptions() : socketOptions;
  return new Promise((resolve, reject) => {
    // To look at one that is not trusted as well.
    const order = { method: "HEAD", ...made, rejectUnauthorized: false, signal };
    const request = httpsRequest(url, order);
    const done = (socket: TLSSocket): void => {
      const certificate = socket.getPeerX509Certificate();
      const distrust = socket.authorized ? undefined : codeOf(socket.authorizationError);
      resolve(certificate === undefined ? undefined : { certificate, distrust });
      request.destroy();
    };
    request.once("error", reject);
    request.once("close", () => resolve(undefined));
    request.once("response", (response) => {
      if (response.socket instanceof TLSSocket) done(response.socket);
      else request.destroy();
    });
    request.once("socket", (socket: Socket) => {
      // Connected already where a proxy's agent has made it.
      if (socket instanceof TLSSocket) socket.once("secureConnect", () => done(socket));
    });
    request.end();
  });
}

/** A text, whatever the types say. */
function codeOf(error: unknown): string {
  if (error instanceof Error) return "code" in error ? String(error.code) : error.message;
  return String(error);
}

function dayOf(date: Date): string {
  return date.toISOString().slice(0, "2026-01-01".length);
}

function inDays(days: number): string {
  return days < 1 ? "today or tomorrow" : `in ${days} day${days === 1 ? "" : "s"}`;
}
