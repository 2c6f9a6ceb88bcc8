import { afterEach, expect, onTestFinished, test, vi } from "vitest";
import { openInbox } from "../../../../test/support/dead-messages.ts";
import { textLike } from "../../../../test/support/like.ts";
import { testOffice } from "../../../../test/support/office.ts";
import { testPosting } from "../../../../test/support/posting.ts";
import { CommandError } from "../../../config/command-line.ts";
import { asObject, parseJson } from "../../../gotify/parse.ts";
import { createOutbox, type OutboxNote } from "../../../journal/outbox.ts";
import {
  dropDeadLetters,
  listDeadLetters,
  resubmitDeadLetters,
  showDeadLetter,
  type Desk,
} from "./cli.ts";
import type { Asking } from "./command.ts";
import { dropFromParams, resubmitFromParams, type Params } from "./work.ts";

const SERVER = "https://push.example.com";

afterEach(() => void vi.restoreAllMocks());

/** A command line over a journal; with a Gateway, what changes rows is done by what stands in for that. */
function setup(options: { hasGateway?: boolean; person?: (question: string) => boolean } = {}) {
  const process = testPosting(Date.parse("2026-03-01T12:00:00Z"));
  const { folder, clock } = process;
  const inbox = openInbox(folder, { serverUrl: SERVER, now: () => clock.ms });
  onTestFinished(() => inbox.journal.close());
  const gotify = {
    accounts: { default: { serverUrl: SERVER, appToken: "A", clientToken: "C" }, work: {} },
  };
  const whole = testOffice({ channels: { gotify } }, process);
  const office = {
    ...whole,
    withJournal: ((account, mode, work) =>
      account === "default"
        ? whole.withJournal(account, mode, work)
        : undefined) satisfies typeof whole.withJournal,
  };
  const calls: [string, Params][] = [];
  const asked: string[] = [];
  const desk: Desk = {
    office: async () => office,
    isInUse: (account) => options.hasGateway === true && account === "default",
    async callGateway(method, params) {
      calls.push([method, params]);
      const work = method.endsWith("drop") ? dropFromParams : resubmitFromParams;
      // As it would go through a socket.
      const received = asObject(parseJson(JSON.stringify(params))) ?? {};
      return asObject(parseJson(JSON.stringify(await work(received, office)))) ?? {};
    },
  };
  const asking: Asking = {
    canAsk: options.person !== undefined,
    async confirm(question, { yes, mayAsk }) {
      if (yes) return;
      asked.push(question);
      if (mayAsk && options.person?.(question) === true) return;
      throw new CommandError("Nothing was deleted.");
    },
  };
  const printed = { out: "", err: "" };
  vi.spyOn(globalThis.process.stdout, "write").mockImplementation(
    (text) => ((printed.out += text), true),
  );
  vi.spyOn(globalThis.process.stderr, "write").mockImplementation(
    (text) => ((printed.err += text), true),
  );
  const refuse = (id: string, more: Partial<OutboxNote> = {}): void => {
    clock.ms += 1_000;
    createOutbox(inbox.journal, () => clock.ms).note(
      {
        id,
        payload: 0,
        payloads: 1,
        target: "gotify:5",
        isOwed: true,
        origin: "elsewhere",
        parts: [{ message: `reply ${id}`, title: "Agent", priority: 5, extras: {} }],
        state: "refused",
        stored: new Map(),
        reason: "It says no.",
        ...more,
      },
      true,
    );
  };
  const run = async (work: () => Promise<number>) => {
    printed.out = "";
    printed.err = "";
    const code = await work();
    return { code, ...printed, json: () => asObject(parseJson(printed.out)) ?? {} };
  };
  return {
    ...inbox,
    giveUp(...what: Parameters<typeof inbox.giveUp>) {
      clock.ms += 1_000;
      return inbox.giveUp(...what);
    },
    refuse,
    calls,
    asked,
    list: (more = {}) => run(() => listDeadLetters(more, desk)),
    show: (id: string, more = {}) => run(() => showDeadLetter({ id, ...more }, desk)),
    resubmit: (id: string | undefined, more = {}) =>
      run(() => resubmitDeadLetters({ id, ...more }, desk)),
    drop: (id: string | undefined, more = {}) =>
      run(() => dropDeadLetters({ id, ...more }, asking, desk)),
    left: () => [
      ...inbox.journal.sql("select id from inbox where state = 'failed'").all(),
      ...inbox.journal.sql("select id from outbox where state != 'arrived'").all(),
    ],
  };
}

test("both kinds are one list, oldest first, for people and for programs", async () => {
  const at = setup();
  expect(await at.list()).toMatchObject({ code: 0, out: "There are no dead letters.\n" });
  at.refuse("reply-1");
  await at.giveUp(7);
  at.refuse("reply-2", { state: "unknown", reason: "Nobody answered." });
  at.refuse("reply-3", { state: "waiting" });
  at.journal.sql("update outbox set given_up_at = 1 where id = 'reply-2'").run();
  expect((await at.list()).out).toBe(
    [
      "reply-1  reply of account default, from OpenClaw, for gotify:5, since 2026-03-01T12:00:01.000Z",
      "    reply reply-1",
      "    refused: It says no.",
      "7  message of account default, from application 5, for gotify:5, since 2026-03-01T12:00:02.000Z",
      "    question 7",
      "    no-agent: No binding names an agent.",
      "reply-2  reply of account default, from OpenClaw, for gotify:5, since 2026-03-01T12:00:03.000Z",
      "    reply reply-2",
      "    unresolved, it may have arrived: Nobody answered.",
      "OpenClaw still tries to send 1 reply.",
      "",
    ].join("\n"),
  );
  expect((await at.list({ json: true, kind: "message" })).json()).toMatchObject({
    ok: true,
    letters: [{ kind: "message", id: "7", state: "no-agent" }],
  });
  expect(await at.list({ account: "work" })).toMatchObject({ out: "There are no dead letters.\n" });
  expect(await at.list({ account: "nobody" })).toMatchObject({
    code: 1,
    err: textLike(/no Gotify account "nobody"/),
  });
});

test("one is shown with everything that is known of it, and cannot steer the terminal", async () => {
  const at = setup();
  await at.giveUp(7, {
    title: "a\u001b]0;title\u0007",
    message: "first\r\n\tsecond\u001b[2J\n\u202ethird 👩‍🚀",
    extras: { "client::display": { contentType: "text/markdown" } },
  });
  const { out } = await at.show("7");
  expect(out.split("\n").slice(6)).toEqual([
    "reason:    no-agent: No binding names an agent.",
    "",
    "title:     a ]0;title",
    "priority:  5",
    'extras:    {"client::display":{"contentType":"text/markdown"}}',
    "    first",
    "        second [2J",
    "     third 👩‍🚀",
    "",
  ]);
  at.refuse("reply-1", {
    parts: ["one", "two"].map((message) => ({ message, title: "T", priority: 5, extras: {} })),
    stored: new Map([[0, { id: 12, appId: 3 }]]),
  });
  const reply = await at.show("reply-1");
  expect(reply.out).toMatch(/tried: {5}1 time, at last 2026/);
  expect(reply.out).toMatch(/in Gotify: message 12\n {4}one\n\n/);
  expect((await at.show("reply-1", { json: true })).json()).toMatchObject({
    ok: true,
    letter: { fullId: "reply-1", messages: [{ stored: 12 }, { stored: null, text: "two" }] },
  });
});

test.each([true, false])(
  "what changes rows is done by the Gateway where one runs: %s",
  async (hasGateway) => {
    const at = setup({ hasGateway });
    const seven = await at.giveUp(7);
    const eight = await at.giveUp(8);
    at.refuse("reply-1");
    expect((await at.resubmit("7")).out).toMatch(
      hasGateway ? /is on its way to the agent again/ : /as soon as a Gateway runs/,
    );
    expect(await at.drop("8", { json: true })).toMatchObject({
      code: 0,
      out: '{"ok":true,"kind":"message","id":"8","account":"default"}\n',
    });
    expect((await at.drop("reply-1")).out).toBe("Dropped reply reply-1: it will not be sent.\n");
    expect(at.left()).toEqual([]);
    expect(at.calls).toEqual(
      hasGateway
        ? [
            ["gotify.deadLetters.resubmit", { account: "default", kind: "message", id: seven }],
            ["gotify.deadLetters.drop", { account: "default", kind: "message", id: eight }],
            ["gotify.deadLetters.drop", { account: "default", kind: "reply", id: "reply-1" }],
          ]
        : [],
    );
    expect(at.asked).toEqual([]);
  },
);

test("a person is asked before something is dropped, and a program has to say that it means all", async () => {
  let answer = false;
  const at = setup({ person: () => answer });
  await at.giveUp(7);
  await at.giveUp(8);
  expect(await at.drop("7")).toMatchObject({ code: 1, err: "Nothing was deleted.\n" });
  expect(await at.drop(undefined, { all: true, json: true })).toMatchObject({ code: 1 });
  expect(at.left()).toHaveLength(2);
  answer = true;
  await at.drop("7");
  await at.drop(undefined, { all: true });
  expect(at.asked).toEqual([
    "Drop message 7 (question 7), for good?",
    "Drop 2 dead letters of account default, for good?",
    "Drop message 7 (question 7), for good?",
    "Drop message 8 (question 8), for good?",
  ]);
  expect(at.left()).toEqual([]);
});

test("of all, the kind that is named is done, and what fails is told beside what was done", async () => {
  const at = setup({ hasGateway: true });
  await at.giveUp(7);
  await at.giveUp(8);
  at.refuse("reply-1");
  at.refuse("reply-2");
  // The replies were meant for another server.
  const { code, json } = await at.resubmit(undefined, { all: true, json: true });
  expect([code, json()]).toEqual([
    1,
    {
      ok: false,
      error: textLike(
        /^Resubmitted 2 of 4 dead letters\. reply reply-1: .*--force.* reply reply-2: /,
      ),
      done: [expect.objectContaining({ id: "7" }), expect.objectContaining({ id: "8" })],
      failed: [
        expect.objectContaining({ kind: "reply", id: "reply-1" }),
        expect.objectContaining({ id: "reply-2" }),
      ],
    },
  ]);
  const yes = { all: true, yes: true };
  expect((await at.drop(undefined, { ...yes, kind: "message" })).out).toMatch(/no dead letters to/);
  expect((await at.drop(undefined, { ...yes, json: true })).json()).toMatchObject({
    ok: true,
    done: [{ id: "reply-1" }, { id: "reply-2" }],
  });
  expect(at.left()).toEqual([]);
});

test.each<[string, Parameters<typeof resubmitDeadLetters>[0], RegExp]>([
  ["neither one nor all", { id: undefined }, /Name one dead letter, or give --all/],
  ["one and all", { id: "7", all: true }, /Name one dead letter, or give --all/],
  ["an unknown kind", { id: "7", kind: "letter" }, /message or reply, not "letter"/],
  ["one that is not there", { id: "9" }, /no dead letter "9".*dead-letters list/],
])("is refused in one line: %s", async (_what, { id, ...more }, words) => {
  const at = setup();
  await at.giveUp(7);
  const { code, err } = await at.resubmit(id, more);
  expect([code, err]).toEqual([1, expect.stringMatching(words)]);
  expect(err.trim().split("\n")).toHaveLength(1);
  expect(at.left()).toHaveLength(1);
});
