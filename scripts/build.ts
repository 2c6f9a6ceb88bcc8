// Owns `npm run build`: an empty dist/, then what the compiler emits, module by module.
import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const tsc = fileURLToPath(new URL("../node_modules/typescript/bin/tsc", import.meta.url));

// Stale modules would be packed and shipped.
rmSync(new URL("../dist", import.meta.url), { recursive: true, force: true });

const result = spawnSync(process.execPath, [tsc, "-p", "tsconfig.build.json"], {
  cwd: root,
  stdio: "inherit",
});
process.exitCode = result.status ?? 1;
