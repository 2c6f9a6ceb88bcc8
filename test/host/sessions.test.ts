// Owns which session a conversation has: the same for a push and for `openclaw message send`, under every `session.dmScope`.
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { startGotifySide, type Credential, type GotifySide } from "../support/gotify-side.ts";
import { hostVersion, writeConfig, type JsonObject } from "../support/openclaw.ts";
import { invokeTool, transcripts } from "../support/session-transcripts.ts";
import { bind, startSeveralAgents, type SeveralAgents } from "../support/several-agents.ts";
import { waitFor } from "../support/wait.ts";
import { connected, FIRST_TURN_TIMEOUT_MS } from "./stage.ts";

const SCOPES = ["main", "per-peer", "per-channel-peer", "per-account-channel-peer"] as const;
type Scope = (typeof SCOPES)[number];

/** The first supported host answers `openclaw message send` with "Unknown channel" for an installed plugin. */
const COMMAND_KNOWS_PLUGINS = !hostVersion().startsWith("2026.8.");

type Conversation = {
  what: string;
  account: "home" | "cabin" | "office";
  app: () => Credential;
  /** Sent along by the sender. */
  extras?: JsonObject;
  agent: "main" | "ops";
  /** For `--target`. */
  target: (scope: Scope) => string;
  /** The scope in which the command line sends; in the others the agent's own message tool does, which is quicker. */
  byCommand?: Scope;
  /** Written out, and not computed by the rules they are a test of. */
  keys: Record<Scope, string>;
};

let sides: { home: GotifySide; cabin: GotifySide; office: GotifySide };
let linked: Credential;
let toOps: Credential;
let scoped: Credential;
let stage: SeveralAgents;
/** What was started has to end, also when the start of the next thing fails. */
const ends: (() => Promise<void>)[] = [];

const CONVERSATIONS: readonly Conversation[] = [
  {
    what: "an application",
    account: "home",
    app: () => sides.home.person,
    agent: "main",
    target: () => "gotify:2",
    byCommand: "per-account-channel-peer",
    keys: {
      main: "agent:main:main",
      "per-peer": "agent:main:direct:2",
      "per-channel-peer": "agent:main:gotify:direct:2",
      "per-account-channel-peer": "agent:main:gotify:home:direct:2",
    },
  },
  {
    what: "the application with the same id on another server",
    account: "cabin",
    app: () => sides.cabin.person,
    agent: "main",
    target: () => "app:2",
    keys: {
      main: "agent:main:main",
      "per-peer": "agent:main:direct:2",
      "per-channel-peer": "agent:main:gotify:direct:2",
      "per-account-channel-peer": "agent:main:gotify:cabin:direct:2",
    },
  },
  {
    what: "an application of a person in identityLinks",
    account: "home",
    app: () => linked,
    agent: "main",
    target: () => "4",
    byCommand: "per-peer",
    keys: {
      main: "agent:main:main",
      "per-peer": "agent:main:direct:ada",
      "per-channel-peer": "agent:main:gotify:direct:ada",
      "per-account-channel-peer": "agent:main:gotify:home:direct:ada",
    },
  },
  {
    what: "an application that is bound to another agent",
    account: "home",
    app: () => toOps,
    agent: "ops",
    target: () => "5",
    keys: {
      main: "agent:ops:main",
      "per-peer": "agent:ops:direct:5",
      "per-channel-peer": "agent:ops:gotify:direct:5",
      "per-account-channel-peer": "agent:ops:gotify:home:direct:5",
    },
  },
  {
    what: "an application of an account that is bound to another agent",
    account: "office",
    app: () => sides.office.person,
    agent: "ops",
    target: () => "2",
    keys: {
      main: "agent:ops:main",
      "per-peer": "agent:ops:direct:2",
      "per-channel-peer": "agent:ops:gotify:direct:2",
      "per-account-channel-peer": "agent:ops:gotify:office:direct:2",
    },
  },
  {
    what: "an application whose binding has a scope of its own",
    account: "home",
    app: () => scoped,
    agent: "main",
    target: () => "6",
    byCommand: "main",
    keys: {
      main: "agent:main:gotify:direct:6",
      "per-peer": "agent:main:gotify:direct:6",
      "per-channel-peer": "agent:main:gotify:direct:6",
      "per-account-channel-peer": "agent:main:gotify:direct:6",
    },
  },
  {
    what: "a conversation that its sender names",
    account: "home",
    app: () => sides.home.person,
    extras: { openclaw: { peerId: "garden" } },
    agent: "main",
    // Other channels' sessions have such keys too: a name is not followed there.
    target: (scope) => (scope === "per-peer" ? "2" : "peer:garden"),
    byCommand: "per-channel-peer",
    keys: {
      main: "agent:main:main",
      "per-peer": "agent:main:direct:2",
      "per-channel-peer": "agent:main:gotify:direct:garden",
      "per-account-channel-peer": "agent:main:gotify:home:direct:garden",
    },
  },
];

beforeAll(async () => {
  const [home, cabin, office] = await Promise.all([
    startGotifySide(),
    startGotifySide(),
    startGotifySide({ personality: "v2" }),
  ]);
  sides = { home, cabin, office };
  ends.push(home.stop, cabin.stop, office.stop);
  linked = home.emulator.createApplication("Ada's watch");
  toOps = home.emulator.createApplication("Backup");
  scoped = home.emulator.createApplication("Doorbell");
  stage = await startSeveralAgents({
    template: inject("installedState"),
    parent: inject("homesFolder"),
    agents: ["main", "ops"],
    bindings: [
      bind("ops", "home", toOps),
      {
        ...bind("main", "home", scoped),
        session: { dmScope: "per-channel-peer" },
      },
      bind("ops", "office"),
      bind("main", "*"),
    ],
    session: sessionSection("main"),
    gotify: {
      defaultAccount: "home",
      accounts: {
        home: home.account({ allowFrom: [home.person, linked, toOps, scoped].map(({ id }) => id) }),
        // The host writes ids in lower case, whatever the operator wrote.
        Cabin: cabin.account(),
        office: office.account(),
      },
    },
    script: ({ said }) => `Re: ${said}`,
  });
  ends.push(stage.stop);
  await connected(stage, "home", "cabin", "office");
});

afterAll(async () => {
  for (const end of ends.toReversed()) await end();
});

test.for(SCOPES)(
  "under dmScope %s a push and a message to its application have the same session",
  async (scope) => {
    await enterScope(scope);
    const rows = CONVERSATIONS.map((conversation, index) => ({
      ...conversation,
      pushed: `pushed-${scope}-${index}.`,
      sent: `sent-${scope}-${index}.`,
    }));
    // One after the other: a session that is written to during a turn makes the first supported host fail the turn.
    const isByCommand = (row: Conversation): boolean =>
      row.byCommand === scope && COMMAND_KNOWS_PLUGINS;
    const byTool = rows.filter((row) => !isByCommand(row));
    await Promise.all(byTool.map((row) => sendByTool(row, scope, row.sent)));
    // A failure above must not leave a command running.
    for (const row of rows.filter(isByCommand)) await sendByCommand(row, scope, row.sent);
    await Promise.all(
      rows.map(({ account, app, extras, pushed }) =>
        sides[account].say(pushed, app(), extras === undefined ? {} : { extras }),
      ),
    );
    // A look at the model costs nothing, one into the sessions keeps the Gateway busy.
    await waitFor(
      "every push in a turn",
      () => rows.every(({ pushed }) => stage.model.requests.some((r) => r.text.includes(pushed))),
      { timeoutMs: FIRST_TURN_TIMEOUT_MS },
    );
    const sessions = await transcripts(stage.gateway, "main");
    const seen = rows.map(({ what, pushed, sent }) => ({
      what,
      pushed: sessionsWith(sessions, pushed),
      sent: sessionsWith(sessions, sent),
    }));
    expect(seen).toEqual(
      rows.map(({ what, keys }) => ({ what, pushed: [keys[scope]], sent: [keys[scope]] })),
    );
  },
);

test("the keys are those the README promises, but for linked people and bindings with a scope", () => {
  const promised = (scope: Scope, { agent, account, target }: Conversation): string => {
    const peerId = target(scope).replace(/^\w+:/, "");
    return {
      main: `agent:${agent}:main`,
      "per-peer": `agent:${agent}:direct:${peerId}`,
      "per-channel-peer": `agent:${agent}:gotify:direct:${peerId}`,
      "per-account-channel-peer": `agent:${agent}:gotify:${account}:direct:${peerId}`,
    }[scope];
  };
  const different = CONVERSATIONS.filter((conversation) =>
    SCOPES.some((scope) => promised(scope, conversation) !== conversation.keys[scope]),
  );
  expect(different.map(({ what }) => what)).toEqual([
    "an application of a person in identityLinks",
    "an application whose binding has a scope of its own",
  ]);
});

/** The operator's way. Without `--account`: the default account is part of the key too. */
async function sendByCommand({ target }: Conversation, scope: Scope, text: string): Promise<void> {
  const command = ["message", "send", "--channel", "gotify", "--target", target(scope)];
  const { code, stderr } = await stage.gateway.run(...command, "--message", text);
  if (code !== 0) throw new Error(`${command.join(" ")} failed (code ${code}): ${stderr}`);
}

/** The agent's way. The host asks the plugin for the session in the same words as for the command line. */
async function sendByTool(row: Conversation, scope: Scope, text: string): Promise<void> {
  const target = row.target(scope);
  const args = { channel: "gotify", accountId: row.account, target, message: text };
  await invokeTool(stage.gateway, "message", { action: "send", ...args }, row.agent);
}

/** Changes the scope of the running Gateway, and waits until it is in force. */
async function enterScope(scope: Scope): Promise<void> {
  const mark = stage.gateway.mark();
  writeConfig(stage.home, {
    session: sessionSection(scope),
    // A new scope alone is taken over without a word; a change here is announced once all is in force.
    cron: { enabled: false, sessionRetention: `${SCOPES.indexOf(scope) + 1}h` },
  });
  await stage.gateway.waitForLog(/config hot reload applied \(.*cron/, { since: mark });
}

function sessionsWith(sessions: ReadonlyMap<string, string[]>, text: string): string[] {
  return [...sessions].flatMap(([key, texts]) =>
    texts.some((one) => one.includes(text) && !one.startsWith("Re: ")) ? [key] : [],
  );
}

function sessionSection(dmScope: Scope): JsonObject {
  return { dmScope, identityLinks: { ada: ["gotify:4", "telegram:123"] } };
}
