// Owns `openclaw gotify apps icon`: giving an application a picture, or taking it away again.
import { readFile, stat } from "node:fs/promises";
import { basename } from "node:path";
import { answerCommand, CommandError } from "../config/command-line.ts";
import { errorText } from "../config/error-text.ts";
import type { ApplicationImage } from "../gotify/applications.ts";
import { GotifyHttpError } from "../gotify/errors.ts";
import { described } from "./apps.ts";
import { pickNamed, shown } from "./named.ts";
import { openSession, type AdminOptions } from "./session.ts";
import type { Surroundings } from "./surroundings.ts";

const MIB = 1024 * 1024;
/** Shown a finger's breadth wide; Gotify would take any size, and every phone would load it. */
const MAX_ICON_BYTES = 5 * MIB;

/** Gotify: `app with id 5 does not have a customized image`. */
const HAS_NO_ICON = /not have a customized image/;

export interface IconOptions extends AdminOptions {
  readonly remove?: boolean;
}

export function setIcon(
  reference: string,
  file: string | undefined,
  options: IconOptions,
  at: Surroundings,
): Promise<number> {
  return answerCommand(options, async () => {
    if ((file === undefined) === (options.remove !== true)) {
      throw new CommandError("Name a picture, or give --remove.", { code: "GOTIFY_CONFIG" });
    }
    const image = file === undefined ? undefined : await readPicture(file);
    const { client, account } = await openSession(options, at);
    const found = pickNamed("application", await client.listApplications(), reference);
    const what = shown("application", found);
    try {
      const application =
        image === undefined
          ? await client.deleteApplicationImage(found.id)
          : await client.uploadApplicationImage(found.id, image);
      return {
        result: { account: account.accountId, application: described(application) },
        lines: [
          image === undefined ? `Took the icon of ${what} away.` : `Set the icon of ${what}.`,
        ],
      };
    } catch (error) {
      if (!(error instanceof GotifyHttpError) || error.status !== 400 || !error.isGotifys) {
        throw error;
      }
      // Whatever else it refuses to take away is told in its own words.
      if (image === undefined && !HAS_NO_ICON.test(error.description ?? "")) throw error;
      throw new CommandError(
        image === undefined
          ? `Nothing to take away: ${what} has the icon that every application starts with.`
          : `Gotify does not take ${file ?? ""} for a picture (${error.description ?? "400"}). Give a PNG, JPEG or GIF file.`,
        { code: error.code, cause: error },
      );
    }
  });
}

async function readPicture(file: string): Promise<ApplicationImage> {
  if (!/\.(?:png|jpe?g|gif)$/i.test(file)) {
    throw new CommandError(`Gotify takes .png, .jpg, .jpeg and .gif files as icons, not ${file}.`, {
      code: "GOTIFY_CONFIG",
    });
  }
  try {
    const about = await stat(file);
    // Before it is read: a pipe of that name would never end.
    if (!about.isFile()) throw new Error("It is no file.");
    if (about.size > MAX_ICON_BYTES) {
      throw new Error(`It is larger than ${MAX_ICON_BYTES / MIB} MiB. Make it smaller.`);
    }
    return { data: new Uint8Array(await readFile(file)), fileName: basename(file) };
  } catch (error) {
    throw new CommandError(`The picture ${file} cannot be used: ${errorText(error)}`, {
      code: "GOTIFY_CONFIG",
      cause: error,
    });
  }
}
