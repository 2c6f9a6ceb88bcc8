// Owns what the doctor says of the installation as a whole: which versions work together.
import manifest from "../../../openclaw.plugin.json" with { type: "json" };
import { fine, warning, type Remark } from "./check.ts";

/** The first one with all that the plugin builds on. */
const OLDEST_HOST = [2026, 8, 1] as const;

export function versionRemarks(hostVersion: string | undefined): readonly Remark[] {
  const plugin = `The plugin is ${manifest.version}`;
  const [, ...parts] = /^v?(\d+)\.(\d+)\.(\d+)/.exec(hostVersion ?? "")?.map(Number) ?? [];
  if (hostVersion === undefined || parts.length < OLDEST_HOST.length) {
    return [fine("versions", `${plugin}.`)];
  }
  if (isOlder(parts, OLDEST_HOST)) {
    return [
      warning(
        "versions",
        `${plugin}, and OpenClaw ${hostVersion} is older than ${OLDEST_HOST.join(".")}, which it was made for.`,
        "Update OpenClaw: openclaw update.",
      ),
    ];
  }
  return [fine("versions", `${plugin}, and OpenClaw is ${hostVersion}.`)];
}

function isOlder(version: readonly number[], than: readonly number[]): boolean {
  for (const [at, part] of than.entries()) {
    const found = version[at] ?? 0;
    if (found !== part) return found < part;
  }
  return false;
}
