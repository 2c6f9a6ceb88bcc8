// Owns the main promise on a real Gateway: a push is answered once, by a push, and only if it may.
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { beforeAll, describe, expect, test } from "vitest";
import { startGotifySide, type GotifySide } from "../support/gotify-side.ts";
import { connected, openStage, warmUp, type Stage } from "./stage.ts";

let stage: Stage;
let home: GotifySide;
let office: GotifySide;

beforeAll(async () => {
  [home, office] = await Promise.all([
    startGotifySide({ personality: "v2" }),
    startGotifySide({ personality: "v3" }),
  ]);
  stage = await openStage({
    gotify: {
      defaultAccount: "home",
      accounts: {
        home: home.account(),
        // Here the agent's own application may talk too: one application for both sides.
        office: office.account({ allowFrom: [office.person.id, office.bot.id] }),
      },
    },
    script: (turn) => `**Answer** to ${turn.said}`,
  });
  await connected(stage, "home", "office");
  await warmUp(home);
  return async () => {
    await stage.stop();
    await Promise.all([home.stop(), office.stop()]);
  };
});

describe("an installed plugin", () => {
  test("loads without diagnostics", async () => {
    const { code, stdout } = await stage.gateway.run(
      "plugins",
      "inspect",
      "gotify",
      "--runtime",
      "--json",
    );
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      plugin: { id: "gotify", status: "loaded", channelIds: ["gotify"] },
      install: {
        source: "npm",
        artifactKind: "npm-pack",
        acceptedSurface: { channels: ["gotify"] },
      },
      diagnostics: [],
    });
  });

  test("satisfies the doctor", async () => {
    const { code, stdout } = await stage.gateway.run("plugins", "doctor");
    expect(code).toBe(0);
    expect(stdout).toMatch(/checks passed/);
  });

  test("works according to the host's own probe, for every account", async () => {
    const { code, stdout } = await stage.gateway.run("channels", "status", "--probe");
    expect(code).toBe(0);
    for (const account of ["home", "office"]) {
      expect(stdout).toMatch(
        new RegExp(`Gotify ${account}: enabled, configured, running, connected.*, works`),
      );
    }
  });
});

describe("a push", () => {
  test("is answered by a push of the bot's application", async () => {
    await home.say("Is the kettle on?");
    const reply = await home.replyWith("kettle");
    expect(reply.appid).toBe(home.bot.id);
    expect(reply.message).toBe("**Answer** to Is the kettle on?");
    expect(reply.extras).toMatchObject({
      "client::display": { contentType: "text/markdown" },
      openclaw: { delivery: { v: 1, part: 0, parts: 1 } },
    });
  });

  test("is answered once", async () => {
    await home.say("first question");
    await home.replyWith("first question");
    await home.say("second question");
    await home.replyWith("second question");
    const replies = await home.replies();
    expect(replies.filter((reply) => reply.message.includes("question"))).toHaveLength(2);
    expect(turnsAbout("question")).toHaveLength(2);
  });

  test("of the agent itself is not answered, where both sides share an application", async () => {
    await office.say("talking to myself", office.bot);
    await office.replyWith("**Answer** to talking to myself");
    // The answer was on the stream before this is, in the same lane: its turn would come first.
    await office.say("still talking", office.bot);
    await office.replyWith("**Answer** to still talking");
    expect(turnsAbout("**Answer**")).toHaveLength(0);
  });

  test("from an application that is not allowed does not reach the agent", async () => {
    await home.say("let me in", home.stranger);
    await home.say("after the stranger");
    await home.replyWith("after the stranger");
    expect(turnsAbout("let me in")).toHaveLength(0);
  });

  test("is answered on the server it came from", async () => {
    await Promise.all([home.say("from home"), office.say("from the office")]);
    await Promise.all([home.replyWith("from home"), office.replyWith("from the office")]);
    const [atHome, atTheOffice] = await Promise.all([home.replies(), office.replies()]);
    expect(atHome.filter((reply) => reply.message.includes("office"))).toHaveLength(0);
    expect(atTheOffice.filter((reply) => reply.message.includes("home"))).toHaveLength(0);
  });

  test("with the same application id on another server is another conversation", async () => {
    // Ids start at 1 on every server: both people have the same one.
    expect(office.person.id).toBe(home.person.id);
    await office.say("what did I say before?");
    await office.replyWith("what did I say before?");
    const sessions = await stage.gateway.run("sessions", "list", "--json");
    expect(sessions.stdout).toContain("gotify:home:direct:");
    expect(sessions.stdout).toContain("gotify:office:direct:");
  });
});

test("the journal is in a backup that is made while the accounts run", async () => {
  const archive = join(stage.home.dir, "backup.tar.gz");
  const { code } = await stage.gateway.run(
    "backup",
    "create",
    "--output",
    archive,
    "--verify",
    "--no-include-workspace",
  );
  expect(code).toBe(0);
  const names = execFileSync("tar", ["-tzf", archive], { encoding: "utf8" }).split("\n");
  const entry = names.find((name) => name.endsWith("gotify/home/journal.sqlite"));
  expect(names).toContain(entry);
  const copy = join(stage.home.dir, "journal-from-backup.sqlite");
  writeFileSync(copy, execFileSync("tar", ["-xzOf", archive, entry ?? ""]));
  const journal = new DatabaseSync(copy, { readOnly: true });
  const tombstones = journal.prepare("select id from inbox where state = 'completed'").all();
  journal.close();
  expect(tombstones.length).toBeGreaterThan(3);
});

test("no token appears in what the Gateway writes", () => {
  const output = stage.gateway.output();
  expect(output).not.toBe("");
  for (const secret of [...home.secrets(), ...office.secrets()])
    expect(output).not.toContain(secret);
});

function turnsAbout(text: string): string[] {
  return stage.model.requests.map((turn) => turn.said).filter((said) => said.includes(text));
}
