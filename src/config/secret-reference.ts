// Owns what stands in the configuration in place of a secret: how it is recognised, named and compared.
import { asObject, asString } from "../gotify/parse.ts";

export interface SecretReference {
  readonly source: string;
  readonly provider: string | undefined;
  readonly id: string;
}

/** The host takes both of these for a reference to a variable wherever it expects a secret. */
const SHORT_FORM = /^\$(?:\{([A-Z][A-Z0-9_]{0,127})\}|([A-Z][A-Z0-9_]{0,127}))$/;

/** A reference that nobody has put a value in place of; anything else is none. */
export function asSecretReference(value: unknown): SecretReference | undefined {
  const short = SHORT_FORM.exec(asString(value)?.trim() ?? "");
  const name = short?.[1] ?? short?.[2];
  if (name !== undefined) return { source: "env", provider: undefined, id: name };
  const object = asObject(value);
  if (object === undefined) return undefined;
  // What is only shaped like one is unreadable just the same, and no text to be sent as a token.
  return {
    source: asString(object["source"]) ?? "?",
    provider: asString(object["provider"]),
    id: asString(object["id"]) ?? "?",
  };
}

/**
 * Something that is equal for equal secrets: the text, or the place that a reference names, so that a
 * process which cannot read the secret comes to the same verdict as the one that can. A variable of the
 * environment is looked up: beside a reference to it, it may stand in for a missing key by itself.
 */
export function secretKey(secret: unknown): string | undefined {
  const reference = asSecretReference(secret);
  const variable = reference?.source === "env" ? process.env[reference.id]?.trim() : undefined;
  const text = variable || (reference === undefined ? asString(secret)?.trim() : undefined);
  if (text) return `text ${text}`;
  if (reference === undefined) return undefined;
  return `reference ${JSON.stringify([reference.source, reference.provider, reference.id])}`;
}

/** Where the secret is to be found, for a person who has to put it there. */
function describeReference({ source, provider, id }: SecretReference): string {
  if (source === "env") return `the environment variable ${id}`;
  if (source === "store") return `${id} in OpenClaw's secret store`;
  if (source === "file") return `the file of the secret provider "${provider ?? "default"}"`;
  if (source === "exec") return `the command of the secret provider "${provider ?? "default"}"`;
  return "a reference of unknown kind";
}

/** One line for a secret that this process does not have: which it is, and what to do. */
export function unresolvedSecret(path: string, value: SecretReference): string {
  return (
    `The secret ${path} could not be read from ${describeReference(value)}. ` +
    `Put it there, for the process that runs the Gateway, and run "openclaw secrets reload".`
  );
}
