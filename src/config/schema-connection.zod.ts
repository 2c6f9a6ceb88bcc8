// Owns the part of the schema that says how the server is reached. Build time only, like schema.zod.ts.
import { z } from "zod";
import { secretInput } from "./schema-secret.zod.ts";

const connection = z
  .strictObject({
    timeoutSeconds: z
      .number()
      .int()
      .min(1)
      .max(600)
      .optional()
      .describe(
        "Seconds until a call gives up, such as a post or a page of messages. Short looks at the server have limits of their own. Below 15, a post that is only slow becomes one of unknown outcome. Default: 20.",
      ),
    caFile: z
      .string()
      .optional()
      .describe(
        "Path of a PEM file with the certificates of authorities that are trusted besides the usual ones, for a server with a certificate of a private authority, or its own self-signed certificate.",
      ),
    clientCertFile: z
      .string()
      .optional()
      .describe(
        "Path of a PEM file with the client certificate that the server, or a proxy in front of it, asks for (mTLS), and the intermediate certificates after it.",
      ),
    clientKeyFile: z
      .string()
      .optional()
      .describe(
        "Path of a PEM file with the client certificate's private key, without a passphrase. Ignored where clientKey is set.",
      ),
    clientKey: secretInput
      .optional()
      .describe(
        "The client certificate's private key itself, as PEM and without a passphrase, or a reference to it (source env, store, file or exec).",
      ),
    headers: z
      .record(z.string(), secretInput)
      .optional()
      .describe(
        "Further headers for every request and for the stream, by name, e.g. CF-Access-Client-Id and CF-Access-Client-Secret for Cloudflare Access. Their values are secrets, and may be references. Headers that Gotify or HTTP itself needs cannot be set, X-Gotify-Key among them.",
      ),
    dangerouslyAllowCleartext: z
      .boolean()
      .optional()
      .describe(
        "Whether http:// may lead to a public address, where tokens and messages can be read on the way. Private addresses need no permission. Default: false.",
      ),
  })
  .optional()
  .describe(
    "How the server is reached; the same for requests and for the stream. An account with a serverUrl of its own inherits only timeoutSeconds and caFile.",
  );

/** Keys of an account; the same at the root are inherited. */
export const connectionOptionsShape = { connection } as const;

export const connectionOptionsHints = {
  connection: { label: "Connection", advanced: true },
  "connection.timeoutSeconds": { label: "Time limit of a call (s)", advanced: true },
  "connection.caFile": { label: "File with the authority's certificate", advanced: true },
  "connection.clientCertFile": { label: "File with the client certificate", advanced: true },
  "connection.clientKeyFile": { label: "File with the client key", advanced: true },
  "connection.clientKey": { label: "Client key", sensitive: true, advanced: true },
  "connection.headers": { label: "Headers for an access proxy", advanced: true },
  "connection.headers.*": { label: "Header's value", sensitive: true, advanced: true },
  "connection.dangerouslyAllowCleartext": {
    label: "Allow http:// over the internet",
    advanced: true,
  },
} as const;
