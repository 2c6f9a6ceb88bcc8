import { resolve } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { sendFromCommandLine, type SendOptions, type SendReply } from "./send-command-run.ts";

const cfg = { channels: { gotify: { defaultAccount: "home", accounts: { home: {}, work: {} } } } };

type Request = Parameters<SendReply>[0];

/** Runs the command with something in place of the way out. */
async function run(options: SendOptions, failure?: Error) {
  const printed = { out: "", err: "" };
  vi.spyOn(process.stdout, "write").mockImplementation((text) => ((printed.out += text), true));
  vi.spyOn(process.stderr, "write").mockImplementation((text) => ((printed.err += text), true));
  const requests: Request[] = [];
  const send: SendReply = async (request) => {
    requests.push(request);
    if (failure !== undefined) throw failure;
    return {
      messages: [
        { id: 12, appId: 3 },
        { id: 14, appId: 3 },
      ],
      peerId: "5",
    };
  };
  const code = await sendFromCommandLine(options, {
    cfg,
    send,
    check: async ({ to }) => {
      if (to === "app:77") throw new Error("There is no application 77.");
      return { to, name: undefined };
    },
  });
  vi.restoreAllMocks();
  return { code, ...printed, requests };
}

afterEach(() => void vi.restoreAllMocks());

test("every control reaches the way out as an operator's", async () => {
  const { code, out, requests } = await run({
    app: "Ada's phone",
    account: "work",
    message: "**hello**",
    title: "Greeting",
    priority: "high",
    contentType: "plain",
    clickUrl: "https://example.com/",
    bigImage: "https://example.com/cat.png",
    intentUrl: "intent://call",
    extras: '{"home::display":{"room":"kitchen"}}',
    media: ["cat.png", "https://example.com/dog.png"],
    silent: true,
  });
  expect(requests).toEqual([
    {
      cfg,
      to: "app:Ada's phone",
      accountId: "work",
      reply: {
        text: "**hello**",
        mediaUrls: [resolve("cat.png"), "https://example.com/dog.png"],
        kind: "answer",
        silent: true,
        native: {
          title: "Greeting",
          priority: 8,
          contentType: "text/plain",
          clickUrl: "https://example.com/",
          bigImageUrl: "https://example.com/cat.png",
          intentUrl: "intent://call",
          extras: { "home::display": { room: "kitchen" } },
        },
        answers: {},
        isExplicit: true,
        by: "operator",
      },
    },
  ]);
  expect([code, out]).toEqual([0, "Sent for 5: message 12, 14 in application 3.\n"]);
});

test("without a target it goes to the person behind the account", async () => {
  const { requests: byDefault } = await run({ message: "hello" });
  expect(byDefault[0]?.to).toBe("account:home");
  const { requests: named } = await run({ message: "hello", account: "work" });
  expect(named[0]).toMatchObject({ to: "account:work", accountId: "work" });
});

test("as JSON it says what was stored, or why nothing was", async () => {
  const { out } = await run({ message: "hello", to: "5", json: true });
  expect(JSON.parse(out)).toEqual({
    ok: true,
    conversation: "5",
    messages: [
      { id: 12, application: 3 },
      { id: 14, application: 3 },
    ],
  });
  const failed = await run({ message: "hello", to: "5", json: true }, new Error("No route."));
  expect([failed.code, JSON.parse(failed.out)]).toEqual([1, { ok: false, error: "No route." }]);
  const told = await run({ message: "hello", to: "5" }, new Error("No route."));
  expect([told.code, told.out, told.err]).toEqual([1, "", "No route.\n"]);
});

test.each<[string, SendOptions, RegExp]>([
  ["nothing to send", { to: "5", message: "  " }, /nothing to send/],
  ["no such application", { app: "77", message: "x" }, /no application 77/],
  ["two targets", { to: "5", app: "5", message: "x" }, /--to or --app, not both/],
  ["no priority", { to: "5", message: "x", priority: "loud" }, /one of min, low, .*not "loud"/],
  ["no content type", { to: "5", message: "x", contentType: "html" }, /markdown or plain/],
  ["extras that are none", { to: "5", message: "x", extras: "[1]" }, /--extras is a JSON object/],
  [
    "the channel's own extras",
    { to: "5", message: "x", extras: '{"openclaw":{}}' },
    /writes openclaw itself\. Leave it out\./,
  ],
  ["no click address", { to: "5", message: "x", clickUrl: "example.com" }, /click URL .* scheme/],
  [
    "no image on the web",
    { to: "5", message: "x", bigImage: "cat.png" },
    /big image .* on the web/,
  ],
  ["no intent", { to: "5", message: "x", intentUrl: "call" }, /intent URL .* scheme/],
  [
    "extras of an option",
    { to: "5", message: "x", extras: '{"client::display":{},"home::light":{}}' },
    /writes client::display itself.*--content-type/,
  ],
])("is refused in one line: %s", async (_what, options, words) => {
  const { code, err, requests } = await run(options);
  expect([code, requests]).toEqual([1, []]);
  expect(err).toMatch(words);
  expect(err.trim().split("\n")).toHaveLength(1);
});
