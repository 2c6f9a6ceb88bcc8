// Owns what all host tests share: the plugin, packed and installed once into a state folder they copy.
import { rmSync } from "node:fs";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { createHome, type OpenClawHome } from "../support/openclaw.ts";
import { installPlugin, packPlugin, whatIsWrongWithTheBuild } from "../support/plugin-package.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** State folder with the plugin installed: `createHome({ template })`. */
    installedState: string;
    /** The archive it was installed from, for a test that installs it itself. */
    packedPlugin: string;
    /** Folder for all homes of the run: it is removed with everything in it at the end. */
    homesFolder: string;
  }
}

let home: OpenClawHome | undefined;

export async function setup(project: TestProject): Promise<void> {
  const problem = whatIsWrongWithTheBuild();
  if (problem !== undefined) throw new Error(`${problem} Run \`npm run build\` first.`);

  home = createHome();
  const { dir, stateDir } = home;
  // An interrupted run skips the teardown.
  process.once("exit", () => rmSync(dir, { recursive: true, force: true }));
  const archive = await packPlugin(join(dir, "packed"));
  await installPlugin(home, archive);
  project.provide("installedState", stateDir);
  project.provide("packedPlugin", archive);
  project.provide("homesFolder", dir);
}

export function teardown(): void {
  home?.remove();
}
