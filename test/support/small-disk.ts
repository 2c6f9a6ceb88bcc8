// Owns a disk that is as small as a test needs it: a folder that is a file system of its own, filled and emptied at will.
import { execFileSync } from "node:child_process";
import { appendFileSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { errorText } from "../../src/config/error-text.ts";

const STEP_BYTES = 4_096;

export type SmallDisk = {
  /** Leaves no room for another byte. */
  fill: () => void;
  empty: () => void;
  /** What is in it is gone. */
  unmount: () => void;
};

/** Why there is none, where this machine does not let us: it takes Linux and root. */
export function mountSmallDisk(
  folder: string,
  { sizeMb }: { sizeMb: number },
): SmallDisk | { reason: string } {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  try {
    const options = `size=${sizeMb}m,mode=0700`;
    execFileSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", folder], { stdio: "pipe" });
  } catch (error) {
    return { reason: errorText(error) };
  }
  const filler = join(folder, "filler");
  const unmount = (): void => {
    // Lazily: a process that was killed may still be letting go of its files.
    execFileSync("umount", ["--lazy", folder], { stdio: "pipe" });
  };
  return {
    fill() {
      const step = Buffer.alloc(STEP_BYTES, 1);
      for (;;) {
        try {
          appendFileSync(filler, step);
        } catch (error) {
          if (error instanceof Error && "code" in error && error.code === "ENOSPC") return;
          throw error;
        }
      }
    },
    empty: () => rmSync(filler, { force: true }),
    unmount,
  };
}
