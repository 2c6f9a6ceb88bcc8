// Owns the dead letters of a real Gateway: a message that no agent could be given, and a reply that Gotify refused, each brought to its end by hand.
import { expect, inject, onTestFinished, test } from "vitest";
import { z } from "zod";
import { startFaultyFront } from "../support/faulty-front.ts";
import { startGotifySide } from "../support/gotify-side.ts";
import { textLike } from "../support/like.ts";
import { writeConfig } from "../support/openclaw.ts";
import { transcripts } from "../support/session-transcripts.ts";
import { bind, startSeveralAgents } from "../support/several-agents.ts";
import { waitFor } from "../support/wait.ts";
import { FIRST_TURN_TIMEOUT_MS } from "./stage.ts";

const TEST_TIMEOUT_MS = 480_000;
/** A text that would turn a terminal's line red and go back to its beginning. */
const STEERING = "question alpha\n\u001b[31m\rsecond line";

const Letter = z
  .object({
    kind: z.enum(["message", "reply"]),
    id: z.string(),
    account: z.string(),
    from: z.string(),
    to: z.string(),
    state: z.string(),
    reason: z.string(),
    preview: z.string(),
  })
  .loose();
const List = z.object({ letters: z.array(Letter), stillTried: z.number() });

test(
  "what no agent could be given and what Gotify refused is listed, shown, and done once or never, beside a Gateway and without one",
  async () => {
    const side = await startGotifySide();
    onTestFinished(() => side.stop());
    const front = await startFaultyFront(side.url);
    const bound = [bind("butler", "default", side.person)];
    const allBound = [...bound, bind("clerk", "default", side.stranger)];
    const stage = await startSeveralAgents({
      template: inject("installedState"),
      parent: inject("homesFolder"),
      agents: ["butler", "clerk"],
      hasOwner: false,
      bindings: bound,
      session: { dmScope: "per-account-channel-peer" },
      gotify: side.account({
        serverUrl: front.url,
        allowFrom: [String(side.person.id), String(side.stranger.id)],
      }),
      script: ({ said }) => {
        if (said.includes("refused")) front.spoil(400);
        return `Re: ${said.trim()}`;
      },
    });
    onTestFinished(() => stage.stop());
    const run = (...args: string[]) => stage.gateway.run("gotify", "dead-letters", ...args);
    const json = async (...args: string[]): Promise<unknown> => {
      const { code, stdout, stderr } = await run(...args, "--json");
      expect([code, stderr]).toEqual([0, expect.anything()]);
      return JSON.parse(stdout);
    };
    const list = async (...args: string[]) => List.parse(await json("list", ...args)).letters;
    const told = (text: string): number =>
      stage.model.requests.filter(({ said }) => said.includes(text)).length;
    const stored = (text: string): number =>
      side.emulator.store
        .messages()
        .filter(({ appid, message }) => appid === side.bot.id && message.includes(text)).length;
    const connected = () => stage.gateway.waitForLog(/\[default\] Connected/);

    // Nothing says which agent the stranger's messages are for, and some answers are refused by Gotify.
    await connected();
    await side.say("warm-up");
    await side.replyWith("Re: warm-up", { timeoutMs: FIRST_TURN_TIMEOUT_MS });
    const asked: number[] = [];
    for (const text of [STEERING, "question beta", "question gamma", "question delta"]) {
      asked.push((await side.say(text, side.stranger)).id);
    }
    const [alpha = 0, beta = 0, gamma = 0, delta = 0] = asked.map(String);
    for (const [count, text] of ["refused one", "refused two", "refused three"].entries()) {
      await side.say(text);
      await waitFor(
        `${text} to be refused`,
        () => front.spoiled.filter((what) => what === 400).length === count + 1,
        { timeoutMs: 60_000 },
      );
    }
    await waitFor(
      "the questions to be given up",
      () => [...stage.gateway.output().matchAll(/no-agent.*dead-lettered/g)].length === 4,
    );
    const letters = await list();
    const messages = letters.filter(({ kind }) => kind === "message");
    const replies = letters.filter(({ kind }) => kind === "reply");
    expect(messages.map(({ id }) => id)).toEqual([alpha, beta, gamma, delta]);
    expect(messages[0]).toMatchObject({
      account: "default",
      state: "no-agent",
      reason: textLike(/no binding names one/),
      from: textLike(new RegExp(`^application ${side.stranger.id}\\b`)),
      preview: "question alpha [31m second line",
    });
    expect(replies.map(({ preview }) => preview)).toEqual([
      "Re: refused one",
      "Re: refused two",
      "Re: refused three",
    ]);
    expect(replies[0]).toMatchObject({
      state: "refused",
      from: "agent butler",
      to: `gotify:${side.person.id}`,
      reason: textLike(/it says no/),
    });
    const [first = "", second = "", third = ""] = replies.map(({ id }) => id);

    // Beside the Gateway: shown, dropped, and done again.
    const shown = await run("show", `${alpha}`);
    expect([shown.code, shown.stdout]).toEqual([
      0,
      expect.stringMatching(/no-agent: .*\n[^]*\n {4}question alpha\n {4}.*\[31m\n {4}second line/),
    ]);
    // oxlint-disable-next-line no-control-regex -- what steers a terminal is what must not be there
    expect(shown.stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
    const call = await stage.gateway.run(
      "gateway",
      "call",
      "gotify.deadLetters.show",
      "--params",
      JSON.stringify({ id: first }),
      "--json",
    );
    expect([call.code, call.stdout]).toEqual([0, expect.stringContaining("Re: refused one")]);
    expect(await json("drop", `${beta}`)).toMatchObject({ ok: true, kind: "message", id: beta });
    const unasked = await run("drop", "--all");
    expect([unasked.code, unasked.stderr]).toEqual([1, expect.stringMatching(/Add --yes.*Drop 6/)]);
    expect(await json("resubmit", first)).toMatchObject({
      ok: true,
      messages: [expect.anything()],
    });
    expect(await json("drop", second)).toMatchObject({ ok: true, kind: "reply" });

    const mark = stage.gateway.mark();
    writeConfig(stage.home, { bindings: allBound });
    await stage.gateway.waitForLog(/\[reload\].*bindings/, { since: mark });
    expect(await json("resubmit", `${alpha}`)).toMatchObject({ ok: true, id: alpha });
    await side.replyWith("Re: question alpha", { timeoutMs: FIRST_TURN_TIMEOUT_MS });

    // Without a Gateway.
    await stage.gateway.stop();
    expect((await list()).map(({ id }) => id)).toEqual([gamma, delta, third]);
    expect(await json("resubmit", third)).toMatchObject({ ok: true });
    const waits = await run("resubmit", `${gamma}`);
    expect([waits.code, waits.stdout]).toEqual([0, expect.stringMatching(/as soon as a Gateway/)]);
    expect(await json("drop", "--all", "--yes")).toMatchObject({ ok: true, done: [{ id: delta }] });

    // It reads the server anew, and has what was dropped before its eyes.
    await stage.startAgain(allBound);
    await connected();
    await side.replyWith("Re: question gamma", { timeoutMs: FIRST_TURN_TIMEOUT_MS });
    await side.say("and now", side.stranger);
    await side.replyWith("Re: and now");
    const texts = ["alpha", "beta", "gamma", "delta"].map((name) => `question ${name}`);
    expect(texts.map((text) => [told(text) > 0, stored(`Re: ${text}`)])).toEqual([
      [true, 1],
      [false, 0],
      [true, 1],
      [false, 0],
    ]);
    expect(["one", "two", "three"].map((name) => stored(`Re: refused ${name}`))).toEqual([1, 0, 1]);
    const said = [...(await transcripts(stage.gateway, "clerk")).values()].flat();
    // The question and its answer, once each.
    expect(texts.map((text) => said.filter((line) => line.includes(text)).length)).toEqual([
      2, 0, 2, 0,
    ]);
  },
  TEST_TIMEOUT_MS,
);
