// Owns that OpenClaw itself takes every documented sample, and that what is wrong in a configuration is named by its path.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, inject, onTestFinished, test } from "vitest";
import {
  createHome,
  PROJECT_DIR,
  runOpenClaw,
  writeConfig,
  type JsonObject,
} from "../support/openclaw.ts";

/** Files whose `json` and `json5` blocks are whole configurations. */
const DOCUMENTS = ["README.md", "docs/configuration.md"];

interface Sample {
  readonly where: string;
  readonly text: string;
}

function samplesIn(document: string): readonly Sample[] {
  const markdown = readFileSync(join(PROJECT_DIR, document), "utf8");
  return [...markdown.matchAll(/^```json5?\n([^]*?)^```$/gm)].map((block) => {
    const line = markdown.slice(0, block.index).split("\n").length;
    return { where: `${document}:${line}`, text: block[1] ?? "" };
  });
}

/** What `openclaw config validate` says. */
async function validate(write: (home: ReturnType<typeof createHome>) => void) {
  const home = createHome({ template: inject("installedState"), parent: inject("homesFolder") });
  onTestFinished(home.remove);
  write(home);
  const { code, stdout, stderr } = await runOpenClaw(home, ["config", "validate"]);
  return { code, said: stdout + stderr };
}

/** The sample as a file of its own, which the host reads and parses itself. */
function validateSample({ text }: Sample) {
  return validate((home) => {
    writeFileSync(join(home.stateDir, "sample.json5"), text, { mode: 0o600 });
    writeConfig(home, { $include: "./sample.json5" });
  });
}

test("every documented sample is a valid configuration", async () => {
  const samples = DOCUMENTS.flatMap(samplesIn);
  for (const document of DOCUMENTS) {
    expect(samples.filter(({ where }) => where.startsWith(document)).length).toBeGreaterThan(0);
  }
  const spoilt: Sample = {
    where: "a spoilt one",
    text: (samples[0]?.text ?? "").replace("serverUrl", "serverURL"),
  };
  const queue = [...samples, spoilt];
  const results = new Map<string, Awaited<ReturnType<typeof validate>>>();
  const work = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      results.set(next.where, await validateSample(next));
    }
  };
  await Promise.all([work(), work()]);
  for (const { where } of samples) {
    expect(results.get(where)?.code, `${where}: ${results.get(where)?.said}`).toBe(0);
  }
  // The host has looked at what it included.
  expect(results.get(spoilt.where)).toMatchObject({ code: 1 });
  expect(results.get(spoilt.where)?.said).toContain('"serverURL"');
});

/** Few in each: the host names the first eight things that are wrong, and counts an unknown key twice. */
const WRONG: readonly {
  readonly gotify: JsonObject;
  /** Path and what is allowed there. */
  readonly said: readonly (readonly [path: string, allowed: string])[];
}[] = [
  {
    gotify: {
      colour: "red",
      partBytes: 499,
      textChunkLimit: "long",
      dmPolicy: "everybody",
      markdown: { tables: "table" },
      mediaMaxMb: 0,
      capabilities: "all",
    },
    said: [
      ["", 'must not have additional properties: "colour"'],
      [".partBytes", "must be >= 500"],
      [".textChunkLimit", "must be integer"],
      [".dmPolicy", '(allowed: "pairing", "allowlist", "open", "disabled")'],
      [".markdown.tables", '(allowed: "off", "bullets", "code", "block")'],
      [".mediaMaxMb", "must be > 0"],
      [".capabilities", "must be array"],
    ],
  },
  {
    gotify: {
      streaming: { block: { enabled: "yes" }, mode: "partial" },
      dms: { "5": { limit: 3 } },
      healthMonitor: false,
      configWrites: "no",
    },
    said: [
      [".streaming", 'must not have additional properties: "mode"'],
      [".streaming.block.enabled", "must be boolean"],
      [".dms.5", 'must not have additional properties: "limit"'],
      [".healthMonitor", "must be object"],
      [".configWrites", "must be boolean"],
    ],
  },
  {
    gotify: { accounts: { ops: { inbound: { afterHandled: "archive" }, appTokn: "A" } } },
    said: [
      [".accounts.ops", 'must not have additional properties: "appTokn"'],
      [".accounts.ops.inbound.afterHandled", '(allowed: "keep", "delete")'],
    ],
  },
  {
    gotify: { defaultPriority: "loud", commandsFrom: ["Ada's phone"] },
    said: [
      [".defaultPriority", "must be integer"],
      [".defaultPriority", '(allowed: "min", "low", "normal", "high", "max")'],
      [".commandsFrom.0", "must match pattern"],
      [".commandsFrom.0", "must be integer"],
    ],
  },
];

test("an unknown key and a bad value are named by their path, with what is allowed", async () => {
  const results = await Promise.all(
    WRONG.map(({ gotify }) =>
      validate((home) =>
        writeConfig(home, {
          channels: { gotify: { serverUrl: "https://push.example.com", ...gotify } },
        }),
      ),
    ),
  );
  for (const [index, { said }] of WRONG.entries()) {
    const result = results[index];
    expect(result?.code).toBe(1);
    const lines = (result?.said ?? "").split("\n");
    for (const [path, allowed] of said) {
      const at = `channels.gotify${path}: `;
      expect(
        lines.filter((line) => line.includes(at) && line.includes(allowed)),
        result?.said,
      ).toHaveLength(1);
    }
  }
});
