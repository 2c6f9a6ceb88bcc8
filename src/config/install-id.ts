// Owns the installation's id: random, kept in the state directory, in every delivery stamp of the Gateway and the CLI alike.
import { randomBytes } from "node:crypto";
import { linkSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pluginFolder } from "./state-folder.ts";

const ID_BYTES = 12;

/**
 * The id of this installation, created on first use. Processes that start together agree on one: the
 * file appears complete or not at all, and whoever comes second takes what is there.
 */
export function installId(stateDir: string): string {
  const file = join(pluginFolder(stateDir), "install-id");
  const existing = read(file);
  if (existing !== undefined) return existing;

  const draft = `${file}.${process.pid}.${randomBytes(4).toString("hex")}`;
  writeFileSync(draft, randomBytes(ID_BYTES).toString("base64url"), { mode: 0o600 });
  try {
    linkSync(draft, file);
  } catch (error) {
    const lostRace = error instanceof Error && "code" in error && error.code === "EEXIST";
    if (!lostRace) throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  return read(file) ?? fail(file);
}

function read(file: string): string | undefined {
  try {
    const id = readFileSync(file, "utf8").trim();
    return /^[\w-]{8,64}$/.test(id) ? id : fail(file);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

/** A new id would make the bridge answer its own older posts, so a damaged file is the operator's call. */
function fail(file: string): never {
  throw new Error(`${file} is damaged. Restore it from a backup, or delete it to get a new id.`);
}
