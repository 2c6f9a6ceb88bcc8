// Owns the emulator's own web page: read once, served with a policy that lets only its own script run.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Answer } from "./exchange.ts";

const html = readFileSync(new URL("page.html", import.meta.url), "utf8");
const [, script = ""] = /<script>([\s\S]*)<\/script>/.exec(html) ?? [];
const scriptHash = createHash("sha256").update(script).digest("base64");

export function pageAnswer(): Answer {
  return {
    status: 200,
    headers: {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": [
        "default-src 'none'",
        `script-src 'sha256-${scriptHash}'`,
        "style-src 'unsafe-inline'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
      ].join("; "),
    },
    body: html,
  };
}
