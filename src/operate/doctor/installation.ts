// Owns what the doctor says of the installation as a whole: which versions work together.
import manifest from "../../../openclaw.plugin.json" with { type: "json" };
import { isOlder, parseHostVersion, type HostVersion } from "../../config/host-version.ts";
import { fine, warning, type Remark } from "./check.ts";

/** The first one with all that the plugin builds on. */
const OLDEST_HOST: HostVersion = [2026, 8, 1];

export function versionRemarks(hostVersion: string | undefined): readonly Remark[] {
  const plugin = `The plugin is ${manifest.version}`;
  const host = parseHostVersion(hostVersion);
  if (host === undefined) return [fine("versions", `${plugin}.`)];
  if (isOlder(host, OLDEST_HOST)) {
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
