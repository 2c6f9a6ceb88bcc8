// Owns that every `npm …` in the documents works: the script exists, and knows the flags that are handed on to it.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import {
  commandsIn,
  documentedIn,
  PAGES,
  type Documented,
  type DocumentedCommand,
} from "../support/documented-commands.ts";
import { PROJECT_DIR } from "../support/openclaw.ts";

/** npm's own, as far as the documents name them. */
const OF_NPM = new Set(["audit", "ci", "install", "pack", "publish", "version"]);
const scripts = new Map(Object.entries<string>(manifest.scripts));

const SPOILT = `
Some write \`-- --jsno\`. Run \`npm run lint\`, \`npm run bnech\` or \`npm tset\`; \`npm ci && npm run test:faults -- --seeds 3 --sede 4\`.

| Command                    | What it does        |
| -------------------------- | ------------------- |
| \`npm run bench\`            | \`-- --json --jsno\`  |
| \`A=<a path> npm run bnech\` |                     |
`;

test("every npm command that the documents name exists, with its flags, and a made-up one is found", () => {
  const pages = PAGES.map((page) => documentedIn(page, "npm"));
  expect(pages.flatMap(({ commands }) => commands).length).toBeGreaterThan(40);
  expect(pages.flatMap(({ flags }) => flags).map(({ flag }) => flag)).toEqual(
    expect.arrayContaining(["--seeds", "--seed", "--json"]),
  );
  expect(pages.flatMap(mistakesIn)).toEqual([]);

  expect(mistakesIn(commandsIn("spoilt", SPOILT, "npm"))).toEqual([
    "spoilt:7: there is no script bnech",
    "spoilt:2: there is no script bnech",
    "spoilt:2: npm tset is unknown",
    "spoilt:2: test:faults has no --sede",
    "spoilt:6: bench has no --jsno",
    "spoilt:2: bench,bnech,lint,bnech,test:faults has no --jsno",
  ]);
});

function mistakesIn({ commands, flags }: Documented): string[] {
  const ofCommands = commands.flatMap(({ where, words }) => {
    const wrong = whatIsWrongWith(words);
    return wrong === undefined ? [] : [`${where}: ${wrong}`];
  });
  const ofFlags = flags.flatMap(({ where, flag, row }) => {
    const names = (row.length > 0 ? row : commands)
      .map(scriptOf)
      .filter((name) => name !== undefined);
    const answers = names.map((name) => knows(name, flag));
    // On a page that names none but those that hand on, nobody can say.
    const isKnown = answers.includes(true) || answers.every((answer) => answer === undefined);
    return isKnown ? [] : [`${where}: ${names.join()} has no ${flag}`];
  });
  return [...ofCommands, ...ofFlags];
}

function whatIsWrongWith(words: readonly string[]): string | undefined {
  const name = scriptOf({ words });
  if (name === undefined) {
    return OF_NPM.has(words[0] ?? "") ? undefined : `npm ${words[0]} is unknown`;
  }
  if (!scripts.has(name)) return `there is no script ${name}`;
  const handedOn = words.includes("--") ? words.slice(words.indexOf("--") + 1) : [];
  const unknown = handedOn.find((word) => word.startsWith("--") && knows(name, word) === false);
  return unknown === undefined ? undefined : `${name} has no ${unknown}`;
}

/** The script that a command runs; undefined for npm's own commands. */
function scriptOf({ words: [first, second] }: Pick<DocumentedCommand, "words">) {
  if (first === "run") return second ?? "";
  return first === "test" ? first : undefined;
}

/** Whether a script of this project has this flag; undefined where it hands it on to a tool. */
function knows(name: string, flag: string): boolean | undefined {
  const target = /run\.mjs ([\w-]+)(?: --\w+)*$/.exec(scripts.get(name) ?? "")?.[1] ?? "";
  const file = join(PROJECT_DIR, "scripts", `${target}.ts`);
  if (!existsSync(file)) return undefined;
  // As `parseArgs` is told of it.
  return new RegExp(`["\\s]${flag.slice(2)}"?: \\{ type:`).test(readFileSync(file, "utf8"));
}
