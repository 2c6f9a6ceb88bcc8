// Owns how a look at an account from outside is told, line by line.
import { oneLine } from "../gotify/one-line.ts";
import type { AccountProbe, TokenVerdict } from "./probe.ts";

export interface ProbeLine {
  readonly text: string;
  readonly tone: "default" | "muted" | "success" | "warn" | "error";
}

/** Names in it are a server's own words. */
export function probeLines(probe: AccountProbe): ProbeLine[] {
  const lines: ProbeLine[] = [
    probe.ok
      ? { text: `Gotify ${probe.version ?? ""} (${probe.elapsedMs} ms)`, tone: "success" }
      : { text: probe.error ?? "does not work", tone: "error" },
  ];
  if (probe.latencyMs !== undefined) {
    const version = probe.version === undefined ? "" : `Gotify ${probe.version} `;
    lines.push({ text: `Server: ${version}answers in ${probe.latencyMs} ms`, tone: "default" });
  }
  const { application, user } = probe;
  const name = application?.name === undefined ? "" : ` "${application.name}"`;
  const what = application === undefined ? "" : `, of application ${application.id}${name}`;
  if (probe.appToken !== undefined) lines.push(tokenLine("app token", probe.appToken, what));
  const whose = user === undefined ? "" : `, of user "${user}"`;
  if (probe.clientToken !== undefined) {
    lines.push(tokenLine("client token", probe.clientToken, whose));
  }
  if (probe.appToken === "valid" && probe.clientToken === "valid") lines.push(userLine(probe));
  return lines.map(({ text, tone }) => ({ text: oneLine(text), tone }));
}

/** Without a colon behind the name: the host would take what follows for a secret, and mask it. */
function tokenLine(name: string, verdict: TokenVerdict, of: string): ProbeLine {
  if (verdict === "valid") return { text: `The ${name} is valid${of}`, tone: "success" };
  const text = verdict === "wrong-kind" ? "is of the wrong kind" : "is not known to the server";
  return { text: `The ${name} ${text}`, tone: "error" };
}

function userLine({ sameUser }: AccountProbe): ProbeLine {
  if (sameUser === true) return { text: "Both tokens are of one user", tone: "success" };
  return sameUser === undefined
    ? {
        text: "Whether both tokens are of one user is known after the first answer (Gotify 3)",
        tone: "muted",
      }
    : {
        text: "The user of the client token does not have the application that answers are posted to: its messages go to somebody else. Use two tokens of one user.",
        tone: "error",
      };
}
