import { describe, expect, test } from "vitest";
import { APP_SECRET, findings, good, ids, separate, twoTokens } from "../../test/support/audit.ts";

describe("the security audit", () => {
  test("finds nothing wrong with a good configuration", async () => {
    expect(await ids()).toEqual([]);
    const { serverUrl, appToken } = good;
    expect(await ids({ gotify: { serverUrl, appToken }, rest: {} })).toEqual([]);
    const several = { accounts: { home: good, work: { ...good, serverUrl: "https://w.example" } } };
    for (const accountId of ["home", "work"]) {
      expect(await ids({ gotify: several, accountId })).toEqual([]);
    }
  });

  test("does not tell an account with a server of its own about tokens at the root", async () => {
    const sending = { serverUrl: "https://w.example", appToken: APP_SECRET, allowFrom: ["5"] };
    const gotify = { ...twoTokens, accounts: { work: sending } };
    expect(await ids({ gotify, accountId: "work" })).toEqual([]);
  });

  test.each([
    ["http://push.example.com", ["cleartext warn"]],
    ["http://93.184.216.34:8080/gotify", ["cleartext warn"]],
    ["http://[2606:2800:220:1::1]", ["cleartext warn"]],
    // No registry hands it out today, and tomorrow's may.
    ["http://gotify.corp", ["cleartext warn"]],
    ["http://192.168.1.20:8080", ["cleartext_private warn"]],
    ["http://10.0.0.5", ["cleartext_private warn"]],
    ["http://[fd00::5]", ["cleartext_private warn"]],
    ["http://100.64.0.7", ["cleartext_private warn"]],
    ["http://gotify", ["cleartext_private warn"]],
    ["http://nas.local", ["cleartext_private warn"]],
    ["http://push.home.arpa", ["cleartext_private warn"]],
    ["http://localhost.example.com", ["cleartext warn"]],
    ["http://localhost:8080", []],
    ["http://127.0.0.1:8080", []],
    ["http://[::1]", []],
    ["https://push.example.com", []],
  ])("weighs the address %s", async (serverUrl, expected) => {
    expect(await ids({ gotify: { ...good, serverUrl } })).toEqual(expected);
    const connection = { dangerouslyAllowCleartext: true };
    // Without the switch nothing is sent there.
    expect(await ids({ gotify: { ...good, serverUrl, connection } })).toEqual(
      expected.map((finding) => finding.replace("cleartext warn", "cleartext critical")),
    );
  });

  test.each(["pairing", "allowlist", "open"])(
    'finds "*" in allowFrom under %s',
    async (dmPolicy) => {
      const gotify = { ...good, dmPolicy, allowFrom: ["5", "*"] };
      expect(await ids({ gotify })).toEqual(["everyone_allowed critical"]);
      expect((await findings({ gotify }))[0]?.detail).toContain(`dmPolicy "${dmPolicy}"`);
    },
  );

  test('finds "*" in a group that is let in, and names its place', async () => {
    const gotify = { ...good, dmPolicy: "pairing", allowFrom: ["5", "accessGroup:family"] };
    for (const channel of ["gotify", "*"]) {
      const members = { [channel]: ["6", "*"], telegram: ["7"] };
      const rest = { ...separate, accessGroups: { family: { type: "message.senders", members } } };
      // Nobody is asked for a code, so none can make an owner.
      expect(await ids({ gotify, rest })).toEqual(["everyone_allowed critical"]);
      const [finding] = await findings({ gotify, rest });
      expect(finding?.remediation).toBe(
        `Replace "*" in accessGroups.family.members.${channel} with the ids of the applications that may talk, e.g. ["default/5"].`,
      );
    }
    const members = { telegram: ["*"] };
    const rest = { ...separate, accessGroups: { family: { type: "message.senders", members } } };
    expect(await ids({ gotify: { ...gotify, dmPolicy: "allowlist" }, rest })).toEqual([]);
  });

  test('finds no fault with "*" where nobody may talk, or nothing comes in', async () => {
    const gotify = { ...good, allowFrom: ["*"] };
    expect(await ids({ gotify: { ...gotify, dmPolicy: "disabled" } })).toEqual([]);
    expect(await ids({ gotify: { ...gotify, inbound: { enabled: false } } })).toEqual([]);
  });
});

describe("the owner's own session", () => {
  const finding = ["shared_main_session warn"];

  test.each<[string, object]>([
    ["the host's default", {}],
    ["main", { session: { dmScope: "main" } }],
  ])("is shared by two applications under %s", async (_what, rest) => {
    expect(await ids({ rest })).toEqual(finding);
    expect((await findings({ rest }))[0]?.detail).toMatch(/^default\/5, default\/6: /);
  });

  test.each(["per-peer", "per-channel-peer", "per-account-channel-peer"])(
    "is left alone under %s",
    async (dmScope) => {
      expect(await ids({ rest: { session: { dmScope } } })).toEqual([]);
    },
  );

  test("may be the one chat application's as well", async () => {
    expect(
      await ids({ gotify: { ...good, allowFrom: ["5", "app:5", "gotify:app:5"] }, rest: {} }),
    ).toEqual([]);
    const nobody = { ...good, allowFrom: ["6", "7"], dmPolicy: "disabled" };
    expect(await ids({ gotify: nobody, rest: {} })).toEqual([]);
  });

  test("is shared by applications that were let in by pairing", async () => {
    const gotify = { ...good, allowFrom: ["5"], dmPolicy: "pairing" };
    const rest = { commands: { ownerAllowFrom: ["gotify:default/5"] } };
    const readPaired = (): Promise<string[]> => Promise.resolve(["default/9"]);
    expect(await ids({ gotify, rest, world: { readPaired } })).toEqual(finding);
    const listed = { ...gotify, dmPolicy: "allowlist" };
    expect(await ids({ gotify: listed, rest, world: { readPaired } })).toEqual([]);
  });

  test("is shared by the members of a group", async () => {
    const members = { gotify: ["5", "6"], telegram: ["7"] };
    const rest = { accessGroups: { family: { type: "message.senders", members } } };
    expect(await ids({ gotify: { ...good, allowFrom: ["accessGroup:family"] }, rest })).toEqual(
      finding,
    );
    const everywhere = {
      accessGroups: { family: { type: "message.senders", members: { "*": ["5", "6"] } } },
    };
    const gotify = { ...good, allowFrom: ["accessGroup:family"] };
    expect(await ids({ gotify, rest: everywhere })).toEqual(finding);
    const others = {
      accessGroups: { family: { type: "message.senders", members: { gotify: [5] } } },
    };
    expect(
      await ids({ gotify: { ...good, allowFrom: ["accessGroup:family"] }, rest: others }),
    ).toEqual([]);
  });

  test("is not shared by a group's bare id on a server that does not heed it", async () => {
    const { allowFrom: _none, ...server } = good;
    const gotify = (home: object) => ({
      ...good,
      allowFrom: ["accessGroup:family"],
      accounts: { home: { ...server, serverUrl: "https://home.example.com", ...home } },
    });
    const group = (...members: string[]) => ({
      accessGroups: { family: { type: "message.senders", members: { gotify: members } } },
    });
    expect(await ids({ gotify: gotify({}), rest: group("5") })).toEqual([]);
    expect(await ids({ gotify: gotify({}), rest: group("5", "home/5") })).toEqual(finding);
    const own = { allowFrom: ["accessGroup:family"] };
    expect(await ids({ gotify: gotify(own), rest: group("5") })).toEqual(finding);
  });

  test("is everybody's where everybody may talk", async () => {
    expect(await ids({ gotify: { ...good, allowFrom: ["*"] }, rest: {} })).toEqual([
      "everyone_allowed critical",
      ...finding,
    ]);
  });

  test("is shared by one application each of two accounts", async () => {
    const one = { ...good, allowFrom: ["5"] };
    const gotify = { accounts: { home: one, work: { ...one, serverUrl: "https://w.example" } } };
    expect(await ids({ gotify, rest: {}, accountId: "home" })).toEqual(finding);
    const { clientToken: _none, ...sends } = one;
    const single = { accounts: { home: one, work: sends } };
    expect(await ids({ gotify: single, rest: {}, accountId: "home" })).toEqual([]);
  });

  test("is not shared by applications that are not listened to", async () => {
    const watching = (...applications: number[]) => ({ ...good, inbound: { applications } });
    expect(await ids({ gotify: watching(5), rest: {} })).toEqual([]);
    expect(await ids({ gotify: watching(5, 6), rest: {} })).toEqual(finding);
    const everyone = { ...watching(5), allowFrom: ["*"] };
    expect(await ids({ gotify: everyone, rest: {} })).toEqual(["everyone_allowed critical"]);
    const all = { ...watching(5, 6), allowFrom: ["*"] };
    const [, found] = await findings({ gotify: all, rest: {} });
    expect(found?.detail).toMatch(/^default\/5, default\/6: /);
  });

  test("is told apart from that of another agent, and from what a binding separates", async () => {
    const agents = { ownership: "explicit", entries: { main: {}, ops: {} } };
    const bind = (agentId: string, id: string, session?: object) => ({
      agentId,
      match: { channel: "gotify", accountId: "default", peer: { kind: "direct", id } },
      ...(session === undefined ? {} : { session }),
    });
    const apart = { agents, bindings: [bind("main", "5"), bind("ops", "6")] };
    expect(await ids({ rest: apart })).toEqual([]);
    const together = { agents, bindings: [bind("main", "5"), bind("main", "6")] };
    expect(await ids({ rest: together })).toEqual(finding);
    const scoped = bind("main", "6", { dmScope: "per-channel-peer" });
    expect(await ids({ rest: { agents, bindings: [bind("main", "5"), scoped] } })).toEqual([]);
    // Application 6 has no agent, so it writes nowhere.
    expect(await ids({ rest: { agents, bindings: [bind("main", "5")] } })).toEqual([]);
  });
});

describe("one session for applications of two accounts", () => {
  const work = { ...good, serverUrl: "https://w.example" };
  const two = (more: object = {}) => ({ accounts: { home: good, work: { ...work, ...more } } });
  const under = (dmScope: string, more: object = {}) => ({ session: { dmScope, ...more } });
  const finding = ["shared_session warn"];

  test.each(["per-peer", "per-channel-peer"])(
    "under %s is that of the same id, and the remedy parts them",
    async (dmScope) => {
      const question = { gotify: two(), accountId: "home", rest: under(dmScope) };
      expect(await ids(question)).toEqual(finding);
      const [found] = await findings(question);
      expect(found?.detail).toMatch(/^home\/5, work\/5: /);
      const [, remedy] = /config set session\.dmScope (\S+)/.exec(found?.remediation ?? "") ?? [];
      expect(await ids({ ...question, rest: under(remedy ?? "") })).toEqual([]);
      const apart = two({ allowFrom: ["7"] });
      expect(await ids({ ...question, gotify: apart })).toEqual([]);
    },
  );

  test("is found where one of them lets everybody talk", async () => {
    const gotify = two({ allowFrom: ["*"] });
    const question = { gotify, accountId: "home", rest: under("per-channel-peer") };
    expect(await ids(question)).toEqual(finding);
    expect((await findings(question))[0]?.detail).toMatch(/^home\/5, work\/\*: /);
    const other = under("per-account-channel-peer");
    expect(await ids({ ...question, rest: other })).toEqual([]);
  });

  test("is none where each account has an agent of its own, or a person linked them", async () => {
    const agents = { ownership: "explicit", entries: { main: {}, ops: {} } };
    const bind = (agentId: string, accountId: string) => ({
      agentId,
      match: { channel: "gotify", accountId },
    });
    const bindings = [bind("main", "home"), bind("ops", "work")];
    const rest = { ...under("per-channel-peer"), agents, bindings };
    expect(await ids({ gotify: two(), accountId: "home", rest })).toEqual([]);
    const identityLinks = { ada: ["gotify:5"], bea: ["gotify:6"] };
    expect(
      await ids({ gotify: two(), accountId: "home", rest: under("per-peer", { identityLinks }) }),
    ).toEqual([]);
  });
});

describe("an application that nobody chats through", () => {
  test.each([["6"], ["app:6"], ["gotify:app:6"]])(
    "may not go unseen as an approver: %s",
    async (entry) => {
      const gotify = { ...good, approvers: ["5", entry] };
      expect(await ids({ gotify })).toEqual(["machine_approver warn"]);
      const found = (await findings({ gotify }))[0];
      expect(found?.detail).toMatch(/^default\/6: /);
      expect(found?.remediation).toContain("channels.gotify.approvers");
      expect(found?.remediation).toContain("add it to channels.gotify.commandsFrom");
    },
  );

  test("may not go unseen as an owner", async () => {
    const rest = (...ownerAllowFrom: unknown[]) => ({ ...separate, commands: { ownerAllowFrom } });
    const owner = ["machine_owner warn"];
    expect(await ids({ rest: rest("gotify:default/6") })).toEqual(owner);
    expect(await ids({ rest: rest("GOTIFY:Default/6") })).toEqual(owner);
    // The chat application, another account's, other channels', and nobody of this channel.
    for (const entry of ["gotify:default/5", "gotify:work/6", "telegram:6", "gotify:6", "6", 6]) {
      expect(await ids({ rest: rest(entry) }), String(entry)).toEqual([]);
    }
    const nested = { accounts: { Home: good } };
    expect(await ids({ gotify: nested, rest: rest("gotify:home/6"), accountId: "Home" })).toEqual(
      owner,
    );
  });

  test("is not looked for where nothing comes in", async () => {
    const gotify = { ...good, approvers: ["6"], inbound: { enabled: false } };
    expect(await ids({ gotify })).toEqual([]);
  });
});

describe("the first pairing", () => {
  const pairing = { ...good, dmPolicy: "pairing" };
  const owners = (...ownerAllowFrom: string[]) => ({ ...separate, commands: { ownerAllowFrom } });
  const finding = ["pairing_makes_owner warn"];

  test("makes an owner of whoever is approved, while there is none", async () => {
    expect(await ids({ gotify: pairing })).toEqual(finding);
    // What names nobody in particular makes nobody an owner.
    for (const entry of ["", " ", "*", "gotify:*"]) {
      expect(await ids({ gotify: pairing, rest: owners(entry) }), entry).toEqual(finding);
    }
    expect(await ids({ gotify: pairing, rest: owners("gotify:default/5") })).toEqual([]);
    expect(await ids({ gotify: pairing, rest: owners("telegram:123") })).toEqual([]);
  });

  test("is told with the owner to name: the chat application, if there is one", async () => {
    const remedy = async (gotify: Record<string, unknown>) =>
      (await findings({ gotify })).at(-1)?.remediation;
    expect(await remedy(pairing)).toContain(
      `openclaw config set commands.ownerAllowFrom '["gotify:default/5"]'`,
    );
    expect(await remedy({ ...pairing, commandsFrom: [], approvers: [] })).toMatch(
      /its id in channels\.gotify\.commandsFrom, and .*\["gotify:default\/<id>"\]/,
    );
  });

  test("is no matter where nobody is asked for one, or nothing comes in", async () => {
    expect(await ids({ gotify: good })).toEqual([]);
    expect(await ids({ gotify: { ...pairing, dmPolicy: "disabled" } })).toEqual([]);
    expect(await ids({ gotify: { ...pairing, inbound: { enabled: false } } })).toEqual([]);
    const everyone = { ...pairing, allowFrom: ["*"] };
    expect(await ids({ gotify: everyone })).toEqual(["everyone_allowed critical"]);
  });
});

describe("ids at the root", () => {
  const server = (url: string, more: object = {}) => {
    const { allowFrom: _none, ...rest } = good;
    return { ...rest, serverUrl: url, ...more };
  };
  const root = { allowFrom: ["5", "*", "accessGroup:family"], dmPolicy: "disabled" };

  test("are not inherited by accounts with a server of their own, and the audit says so", async () => {
    const accounts = { work: server("https://w.example"), lab: server("https://l.example") };
    for (const accountId of ["work", "lab"]) {
      const found = await findings({ gotify: { ...root, accounts }, accountId });
      expect(found.map(({ checkId }) => checkId)).toContain("channels.gotify.ids_not_inherited");
      const finding = found.at(-1);
      expect(finding).toMatchObject({ severity: "info" });
      expect(finding?.detail).toMatch(/\(work, lab\) do not inherit 5\.$/);
      expect(finding?.remediation).toContain("channels.gotify.accounts.work.allowFrom and");
    }
  });

  test.each<[string, object]>([
    [
      "the account has a list of its own",
      { accounts: { a: server("https://a.example", { allowFrom: [] }) } },
    ],
    [
      "the account shares the server",
      { serverUrl: "https://r.example", accounts: { a: server("") } },
    ],
    [
      "nothing at the root is an id",
      { allowFrom: ["accessGroup:x"], accounts: { a: server("https://a.example") } },
    ],
  ])("are no finding where %s", async (_what, gotify) => {
    const found = await ids({ gotify: { ...root, ...gotify }, accountId: "a" });
    expect(found.filter((id) => id.startsWith("ids_not"))).toEqual([]);
  });
});
