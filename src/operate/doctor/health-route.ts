// Owns what the doctor says of the health route: a token that nobody can show locks out the monitor as well, which then tells of a bridge that is ill.
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { readHealthToken } from "../../config/health-token.ts";
import { told, type Remark } from "./check.ts";

/** @param options.quick the host's own doctor, which does not resolve references: there they say nothing. */
export function healthRouteRemarks(options: {
  readonly cfg: OpenClawConfig;
  readonly quick?: boolean;
}): readonly Remark[] {
  const token = readHealthToken(options.cfg);
  if (token.kind !== "unreadable" || (token.isReference && options.quick === true)) return [];
  return [told("health-route", `The health route lets nobody in: ${token.problem}`, "warning")];
}
