// Owns `npm run generate`: writes what scripts/manifest.ts derives from the schema, or with --check says what is stale.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { configurationDoc } from "./configuration-doc.ts";
import { configuredState, manifestText, setupFields } from "./manifest.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const packageText = readFileSync(join(root, "package.json"), "utf8");
const packageJson = readPackage(JSON.parse(packageText));
packageJson.channel["configuredState"] = configuredState();
packageJson.channel["setup"] = { fields: setupFields() };

const outputs: Record<string, string> = {
  "docs/configuration.md": configurationDoc(),
  "openclaw.plugin.json": manifestText(packageJson.version),
  "package.json": formatted("package.json", JSON.stringify(packageJson.content)),
};

const check = process.argv.includes("--check");
const stale = Object.keys(outputs).filter((path) => read(path) !== outputs[path]);
if (check) {
  for (const path of stale) console.error(`${path} is stale: run \`npm run generate\`.`);
  if (stale.length > 0) process.exitCode = 1;
} else {
  for (const path of stale) {
    writeFileSync(join(root, path), outputs[path] ?? "");
    console.log(`wrote ${path}`);
  }
}

/** The parts of package.json that are read or written here, found or reported missing. */
function readPackage(content: unknown): {
  content: object;
  version: string;
  channel: Record<string, unknown>;
} {
  const top = record(content);
  const channel = record(record(top["openclaw"])["channel"]);
  const version = top["version"];
  if (typeof version !== "string") throw new Error("package.json has no version.");
  return { content: top, version, channel };
}

function record(value: unknown): Record<string, unknown> {
  if (!isRecord(value)) throw new Error("package.json is not shaped as expected.");
  return value;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function read(path: string): string | undefined {
  try {
    return readFileSync(join(root, path), "utf8");
  } catch {
    return undefined;
  }
}

/** Through the project's formatter, so that a generated file also passes the format check. */
function formatted(name: string, text: string): string {
  const folder = mkdtempSync(join(tmpdir(), "openclaw-gotify-generate-"));
  try {
    const file = join(folder, name);
    writeFileSync(file, text);
    const oxfmt = join(root, "node_modules/oxfmt/bin/oxfmt");
    const result = spawnSync(process.execPath, [oxfmt, "-c", join(root, ".oxfmtrc.json"), file], {
      encoding: "utf8",
    });
    if (result.status !== 0) throw new Error(`oxfmt failed: ${result.stderr}`);
    return readFileSync(file, "utf8");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
