// Owns what the doctor says of the files an account lives by: who may read them, whether they can be written, whether there is room, and whether the journal is whole.
import { accessSync, constants, existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { join } from "node:path";
import { accountPath } from "../../config/state-folder.ts";
import { CHANNEL_ID } from "../../config/types.ts";
import { asObject, asString } from "../../gotify/parse.ts";
import { failure, fine, told, warning, type Remark } from "./check.ts";

const MIB = 1024 * 1024;
/** The group and everybody else. */
const NOT_THE_OWNER = 0o077;
/** Journals are a few megabytes; a Gateway that is asked for them often must not fill the rest. */
const LITTLE_ROOM_BYTES = 200 * MIB;
/** What a batch of messages with its log takes. */
const NO_ROOM_BYTES = 8 * MIB;
/** A tenth of a second in a process that may have others to serve. */
const MAX_READ_THROUGH_BYTES = 64 * MIB;
const PLUGIN_FILES = ["install-id", "own-applications.json", "made-clients.json"];
const DAMAGED = /^journal\.sqlite\.damaged-[\w-]+$/;

/** The plugin's own folder, which all accounts share. Nothing is made or mended here: looking must not hide what was wrong. */
export async function folderRemarks(stateDir: string): Promise<readonly Remark[]> {
  const folder = join(stateDir, CHANNEL_ID);
  if (!existsSync(folder)) {
    return [
      fine("files", "The plugin has no files yet."),
      ...(existsSync(stateDir)
        ? [...writableRemarks([stateDir]), ...(await roomRemarks(stateDir))]
        : []),
    ];
  }
  if (!statSync(folder).isDirectory()) {
    const fix = "Move it away: OpenClaw makes a folder there.";
    return [failure("files", `${folder} is no folder, and nothing can be kept.`, fix)];
  }
  const files = PLUGIN_FILES.map((name) => join(folder, name)).filter((file) => existsSync(file));
  const remarks = [
    ...openRemarks(folder),
    ...writableRemarks([folder, ...files]),
    ...installIdRemarks(join(folder, "install-id")),
  ];
  return [
    ...(remarks.length > 0
      ? remarks
      : [fine("files", "The plugin's folder is private, and can be written.")]),
    ...(await roomRemarks(folder)),
  ];
}

/** An account's own folder and journal. */
export async function journalRemarks(
  stateDir: string,
  accountId: string,
): Promise<readonly Remark[]> {
  const folder = accountPath(stateDir, accountId);
  const file = join(folder, "journal.sqlite");
  if (!existsSync(file)) return [fine("journal", "The account has no journal yet.")];
  const companions = ["-wal", "-shm"].map((suffix) => file + suffix);
  const remarks = [
    ...openRemarks(folder),
    ...writableRemarks([folder, file, ...companions.filter((name) => existsSync(name))]),
    ...(await integrityRemarks(folder, file)),
  ];
  const damaged = readdirSync(folder).filter((name) => DAMAGED.test(name));
  if (damaged.length > 0) {
    remarks.push(
      warning(
        "journal",
        `${damaged.length === 1 ? "A damaged journal was" : `${damaged.length} damaged journals were`} set aside: ${damaged.join(", ")}. What was posted before and not answered then is not answered.`,
        `Find out what damaged it (disk, a copy made while it was written); then delete it from ${folder}.`,
      ),
    );
  }
  return remarks;
}

/** The folder keeps others out, whatever the rights of the files in it. Windows keeps rights elsewhere. */
function openRemarks(folder: string): Remark[] {
  const mode = statSync(folder).mode & 0o777;
  if (process.platform === "win32" || (mode & NOT_THE_OWNER) === 0) return [];
  return [
    warning(
      "files",
      `Other users of this machine have rights on ${folder} (mode ${mode.toString(8)}), which holds conversations.`,
      `Run: chmod 700 "${folder}".`,
    ),
  ];
}

function writableRemarks(paths: readonly string[]): Remark[] {
  return paths.flatMap((path) => {
    const isFolder = statSync(path).isDirectory();
    const rights = constants.R_OK | constants.W_OK | (isFolder ? constants.X_OK : 0);
    try {
      accessSync(path, rights);
      return [];
    } catch (error) {
      return failure(
        "files",
        `${path} cannot be read and written here (${asString(asObject(error)?.["code"]) ?? "unknown reason"}).`,
        "Give it to the user who runs the Gateway (chown), and look whether the disk is mounted for writing.",
      );
    }
  });
}

function installIdRemarks(file: string): Remark[] {
  if (!existsSync(file)) return [];
  try {
    if (/^[\w-]{8,64}$/.test(readFileSync(file, "utf8").trim())) return [];
  } catch {
    // That it cannot be read is said already.
    return [];
  }
  return [
    failure(
      "files",
      `${file} is damaged: OpenClaw could not tell its own messages from others'.`,
      "Restore it from a backup, or delete it to get a new id.",
    ),
  ];
}

async function roomRemarks(folder: string): Promise<Remark[]> {
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  const size = `${Math.floor(free / MIB)} MiB`;
  const fix = `Free some on the disk that holds ${folder}.`;
  if (free < NO_ROOM_BYTES) {
    return [failure("disk", `The disk is full (${size} left): nothing can be received.`, fix)];
  }
  if (free < LITTLE_ROOM_BYTES) return [warning("disk", `Only ${size} are left on the disk.`, fix)];
  return [
    fine(
      "disk",
      `There is room on the disk (${free >= 1024 * MIB ? `${Math.floor(free / 1024 / MIB)} GiB` : size}).`,
    ),
  ];
}

/** Read through like at a start, beside whoever writes. */
async function integrityRemarks(folder: string, file: string): Promise<Remark[]> {
  const { visitJournal } = await import("../../journal/journal.ts");
  const { JournalError } = await import("../../journal/journal-errors.ts");
  try {
    const journal = visitJournal(folder, "read");
    if (journal === undefined) return [];
    try {
      const bytes = statSync(file).size;
      if (bytes > MAX_READ_THROUGH_BYTES) {
        return [
          fine(
            "journal",
            `The journal has ${Math.round(bytes / MIB)} MiB, and is read through when the Gateway starts.`,
          ),
        ];
      }
      const found = asString(journal.sql("pragma quick_check(1)").get()?.["quick_check"]);
      return found === "ok"
        ? [fine("journal", `The journal is whole (${Math.ceil(bytes / 1024)} KiB).`)]
        : [damage(file, found ?? "nothing is known")];
    } finally {
      journal.close();
    }
  } catch (error) {
    if (!(error instanceof JournalError)) throw error;
    return [
      error.problem === "corrupt" ? damage(file, error.message) : told("journal", error.message),
    ];
  }
}

function damage(file: string, what: string): Remark {
  return failure(
    "journal",
    `The journal ${file} is damaged: ${what}`,
    "Restart the Gateway, which sets it aside and begins a new one: openclaw gateway restart.",
  );
}
