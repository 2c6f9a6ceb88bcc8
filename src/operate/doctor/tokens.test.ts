import { expect, test } from "vitest";
import { openPractice } from "../../../test/support/doctor.ts";
import { textLike } from "../../../test/support/like.ts";
import type { Personality } from "../../../test/emulator/index.ts";

const DAY_SECONDS = 24 * 60 * 60;

test.each<Personality>(["v2", "v3"])(
  "tokens of the wrong kind, and tokens that are gone, are told apart on Gotify %s",
  async (personality) => {
    const { visit, account, emulator, app, reader } = await openPractice({ personality });
    const swapped = await visit(account({ appToken: reader.token, clientToken: app.token }));
    expect(swapped.of("app-token")).toEqual([
      textLike(/^error: .*token of a client.* → .*Apps page/),
    ]);
    expect(swapped.of("client-token")).toEqual([
      textLike(/^error: .*token of an application.* → .*Clients page/),
    ]);
    expect(swapped.of("stream")).toEqual([]);
    emulator.deleteClient(reader.id);
    emulator.deleteApplication(app.id);
    const gone = await visit(account());
    expect(gone.of("app-token")).toEqual([textLike(/^error: .*app token \(401\)/)]);
    expect(gone.of("client-token")).toEqual([textLike(/^error: .*client token \(401\)/)]);
    expect(gone.ok).toBe(false);
  },
);

test("what is good is told by name: user, client, and the application that answers go to", async () => {
  const { visit, account } = await openPractice({ personality: "v2" });
  const report = await visit(account());
  expect(report.of("client-token")).toEqual([
    'ok: The client token is good: it reads for the user "admin".',
  ]);
  expect(report.of("client")).toEqual([textLike(/"OpenClaw" \(1\), which does not expire/)]);
  expect(report.of("application")).toEqual(['ok: Answers go to the application "OpenClaw" (1).']);
  const origin = await visit(account({ replyTo: "origin" }));
  expect(origin.of("application")).toEqual([
    textLike(/written from, and everything else to "OpenClaw"/),
  ]);
  const sending = await visit(account({ clientToken: undefined }));
  expect(sending.of("client-token")).toEqual([textLike(/^ok: .*only sends/)]);
  expect(sending.of("stream")).toEqual([textLike(/^ok: .*only sends/)]);
  expect(sending.bad).toEqual([]);
});

test("tokens of two users are an error, by what Gotify 2 tells and what was learned from Gotify 3", async () => {
  const old = await openPractice({ personality: "v2" });
  const bob = old.emulator.createUser("bob");
  const bobs = old.emulator.createApplication("Bob's", { userId: bob.id });
  expect((await old.visit(old.account({ appToken: bobs.token }))).of("application")).toEqual([
    textLike(/^error: .*another user than the client token \("admin"\).* → .*same user/),
  ]);
  const { visit, account, app } = await openPractice();
  expect((await visit(account())).of("application")).toEqual([textLike(/^ok: .*--self-test/)]);
  const ownApplication = async (): Promise<number> => app.id;
  expect((await visit(account(), {}, { ownApplication })).of("application")).toEqual([
    'ok: Answers go to the application "OpenClaw" (1).',
  ]);
  const foreign = async (): Promise<number> => 77;
  expect((await visit(account(), {}, { ownApplication: foreign })).of("application")).toEqual([
    textLike(/^error: .*another user/),
  ]);
});

test("a client that expires soon after its last use is a warning, one that lasts for a month is not", async () => {
  const { visit, account, emulator } = await openPractice();
  const of = async (days: number): Promise<readonly string[]> => {
    const expiresAfterInactivitySeconds = days * DAY_SECONDS;
    const client = emulator.createClient("Short", { expiresAfterInactivitySeconds });
    return (await visit(account({ clientToken: client.token }))).of("client");
  };
  expect(await of(7)).toEqual([
    textLike(
      /^warning: .*"Short" \(2\), which expires 7 days after its last use.* → .*update 2 --expires-after never/,
    ),
  ]);
  expect(await of(30)).toEqual([textLike(/^ok: .*30 days after its last use\.$/)]);
});

test("an elevated client is told, and one that stays elevated for days is a warning", async () => {
  const { visit, account, emulator, reader } = await openPractice();
  const elevate = async (durationSeconds: number): Promise<void> => {
    const said = await fetch(`${emulator.url}/client/${reader.id}/elevate`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        authorization: `Basic ${Buffer.from("admin:admin").toString("base64")}`,
      },
      body: JSON.stringify({ durationSeconds }),
    });
    expect(said.status).toBe(204);
  };
  expect((await visit(account())).of("elevation")).toEqual([]);
  await elevate(3_600);
  expect((await visit(account())).of("elevation")).toEqual([textLike(/^ok: .*another 60 minutes/)]);
  await elevate(5 * DAY_SECONDS);
  expect((await visit(account())).of("elevation")).toEqual([
    textLike(/^warning: .*another (4|5) days/),
  ]);
});

test("a name that somebody chose to steer a terminal stays on one line", async () => {
  const { visit, account, emulator } = await openPractice({ personality: "v2" });
  const odd = emulator.createApplication(`Evil\n\u001b[31mline ${"x".repeat(200)}`);
  const { of } = await visit(account({ appToken: odd.token, allowFrom: [String(odd.id)] }));
  expect(of("application")).toEqual([
    textLike(/^ok: Answers go to the application "Evil \[31mline x{40,60}…" \(3\)\.$/),
  ]);
});
