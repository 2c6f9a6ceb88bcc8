// Owns that the host takes every `openclaw …` that the documents name: the command exists, and so does each of its flags.
import { expect, inject, onTestFinished, test } from "vitest";
import { z } from "zod";
import manifest from "../../package.json" with { type: "json" };
import {
  flagsIn,
  pathOf,
  readCommandTree,
  takes,
  whatIsWrongWith,
  type CommandTree,
} from "../support/command-tree.ts";
import {
  commandsIn,
  documentedIn,
  PAGES,
  type Documented,
  type DocumentedCommand,
} from "../support/documented-commands.ts";
import { createHome } from "../support/openclaw.ts";

const OURS = ["channels", "add", "gotify"];
/** The host's script has the flags of all channels in one list; these are not a channel's. */
const OF_EVERY_CHANNEL = ["--account", "--agent", "--channel", "--name"];
const Fields = z.array(z.object({ cli: z.object({ flags: z.string() }) }));
const OF_OURS = Fields.parse(manifest.openclaw.channel.setup.fields).flatMap(({ cli }) =>
  flagsIn(cli.flags.split(" ")),
);

/** With a mistake of each kind, beside the same thing without it. */
const SPOILT = `
Run \`openclaw gotify chekc\`, then \`openclaw gotify check --acount ada\`, \`helath\` and \`status\`;
\`openclaw channels add gotify --homeserver https://push.example.com\` does not exist, nor does \`--made-up\`.
\`openclaw channels add gotify --server-url …\` does, and so does \`--self-test\`.

| Command                                     | What it does                   |
| ------------------------------------------- | ------------------------------ |
| \`openclaw gotify apps list\`, \`remoev\`       | \`--self-test\` is another's     |
| \`openclaw gotify messages list\`, \`clear\`    | \`--grep <words>\`, \`--all-apps\` |
| \`openclaw gotify doctor [--account ada]\`    | \`--self-test\`                  |

\`\`\`sh
openclaw config patch --stdin <<'EOF'
openclaw is not read here
EOF
for id in 1 2; do openclaw pairing aprove gotify CODE; done # openclaw nor here
[ "$(openclaw gotify status --jsno)" = '{}' ] && GOTIFY_PASS=x openclaw gotify \\
  tail --fast
\`\`\`
`;

test("every command that the documents name exists, with its flags, and a made-up one is found", async () => {
  const home = createHome({ template: inject("installedState"), parent: inject("homesFolder") });
  onTestFinished(home.remove);
  const tree = await readCommandTree(home);

  const pages = PAGES.map((page) => documentedIn(page, "openclaw"));
  const all = pages.flatMap(({ commands }) => commands);
  expect(PAGES).toEqual(expect.arrayContaining(["README.md", "README_CN.md"]));
  expect(all.length).toBeGreaterThan(250);
  expect(pages.flatMap(({ flags }) => flags).length).toBeGreaterThan(50);
  expect(pages.flatMap((page) => mistakesIn(tree, page, all))).toEqual([]);

  const spoilt = commandsIn("spoilt", SPOILT, "openclaw");
  expect(mistakesIn(tree, spoilt, [...all, ...spoilt.commands])).toEqual([
    'spoilt:12: "openclaw pairing" has no command "aprove"',
    'spoilt:12: "openclaw gotify status" has no --jsno',
    'spoilt:12: "openclaw gotify tail" has no --fast',
    'spoilt:8: "openclaw gotify apps" has no command "remoev"',
    'spoilt:2: "openclaw gotify" has no command "chekc"',
    'spoilt:2: "openclaw gotify check" has no --acount',
    'spoilt:2: "openclaw gotify" has no command "helath"',
    'spoilt:2: "openclaw channels add gotify" has no --homeserver',
    "spoilt:8: no command of the row has --self-test",
    "spoilt:2: no documented command has --made-up",
  ]);
});

function mistakesIn(
  tree: CommandTree,
  { commands, flags }: Documented,
  all: readonly DocumentedCommand[],
): string[] {
  const has = (command: DocumentedCommand, flag: string): boolean =>
    takes(tree, pathOf(tree, inFull(tree, command)), flag);
  const ofCommands = commands.flatMap((command) => {
    const words = inFull(tree, command);
    const wrong = whatIsWrongWithOurs(words) ?? whatIsWrongWith(tree, words);
    return wrong === undefined ? [] : [`${command.where}: ${wrong}`];
  });
  const ofFlags = flags.flatMap(({ where, flag, row }) => {
    if (row.length > 0) {
      const isKnown = row.some((command) => has(command, flag));
      return isKnown ? [] : [`${where}: no command of the row has ${flag}`];
    }
    const isKnown = all.some((command) => has(command, flag));
    return isKnown ? [] : [`${where}: no documented command has ${flag}`];
  });
  return [...ofCommands, ...ofFlags];
}

function inFull(tree: CommandTree, { words, like }: DocumentedCommand): readonly string[] {
  if (like === undefined) return words;
  return [...pathOf(tree, like).split(" ").slice(0, -1), ...words];
}

function whatIsWrongWithOurs(words: readonly string[]): string | undefined {
  if (!OURS.every((word, index) => words[index] === word)) return undefined;
  const unknown = flagsIn(words).find((flag) => ![...OF_EVERY_CHANNEL, ...OF_OURS].includes(flag));
  return unknown === undefined ? undefined : `"openclaw ${OURS.join(" ")}" has no ${unknown}`;
}
