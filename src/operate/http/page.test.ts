import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { AccountFacts, HourFacts, StatusFacts } from "../../vitals/facts.ts";
import { DARK, LIGHT, READ_ON, type Palette } from "./palette.ts";
import { doctorPage, failurePage } from "./doctor-page.ts";
import { statusPage } from "./status-page.ts";
import { accountState, ago, overallState, shortMoment, span } from "./words.ts";

const NOW = "2026-11-23T16:25:21.000Z";
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const REQUEST = { path: "/gotify/status", theme: undefined } as const;

function before(ms: number): string {
  return new Date(Date.parse(NOW) - ms).toISOString();
}

function hours(counts: Readonly<Record<number, readonly [number, number]>> = {}): HourFacts[] {
  return Array.from({ length: 24 }, (_, at) => ({
    hour: before((23 - at) * HOUR_MS + 25 * MINUTE_MS + 21_000),
    in: counts[at]?.[0] ?? 0,
    out: counts[at]?.[1] ?? 0,
  }));
}

function account(changes: Partial<AccountFacts> = {}): AccountFacts {
  return {
    account: "default",
    enabled: true,
    configured: true,
    running: true,
    receives: true,
    ok: true,
    problems: [],
    stream: { state: "open", since: before(3 * HOUR_MS) },
    lag: { unanswered: 0, newestStored: 12, newestTaken: 12 },
    queue: { waiting: 0, inTurns: 0 },
    deadLetters: { messages: 0, replies: 0 },
    lastInAt: before(4 * MINUTE_MS),
    suspended: [],
    hours: hours({ 3: [4, 1], 23: [2, 5] }),
    ...changes,
  };
}

function problem(level: "error" | "warning", text = "It is down."): AccountFacts["problems"] {
  return [{ code: "disconnected", level, message: text, fix: "Put it up again." }];
}

function facts(...accounts: readonly AccountFacts[]): StatusFacts {
  return { ok: true, plugin: "2026.11.22", at: NOW, accounts };
}

function shown(...accounts: readonly AccountFacts[]): string {
  return statusPage(facts(...accounts), REQUEST).body;
}

/** What a person reads, without what stands in the head, with one blank between things. */
function textOf(page: string): string {
  const body = page.slice(page.indexOf("<body>"), page.indexOf("<script>"));
  return body.replaceAll(/<[^>]*>/g, " ").replaceAll(/\s+/g, " ");
}

describe("an account's state in one word", () => {
  test.each([
    [{}, "Works"],
    [{ receives: false }, "Works, only sends"],
    [{ problems: problem("warning") }, "Needs a look"],
    [{ problems: [...problem("warning"), ...problem("error")] }, "Not working"],
    [{ configured: false, problems: problem("error") }, "Not set up"],
    [{ enabled: false, problems: problem("error") }, "Switched off"],
  ])("%j is %s", (changes, word) => {
    expect(accountState(account(changes)).word).toBe(word);
  });

  test("and all of them together: what does not work weighs more than what needs a look", () => {
    const bad = account({ problems: problem("error") });
    const warned = account({ problems: problem("warning") });
    const off = account({ enabled: false });
    const word = (...accounts: AccountFacts[]): string => overallState({ accounts }).word;
    expect(word()).toBe("No account is set up");
    expect(word(off, off)).toBe("Every account is switched off");
    expect(word(account(), off)).toBe("All is well");
    expect(word(bad, off)).toBe("Messages do not get through");
    expect(word(bad, warned, account())).toBe("1 of 3 accounts does not work");
    expect(word(bad, bad, account(), off)).toBe("2 of 3 accounts do not work");
    expect(word(warned)).toBe("Works, and needs a look");
    expect(word(warned, account())).toBe("All work, 1 of 2 needs a look");
  });
});

test("ages are told in their largest unit, and a clock that differs makes no nonsense", () => {
  expect(ago(before(0), NOW)).toBe("just now");
  expect(ago(before(-2_000), NOW)).toBe("just now");
  expect(ago(before(-5 * MINUTE_MS), NOW)).toBe("in the future");
  expect(ago(before(59_000), NOW)).toBe("59 s ago");
  expect(ago(before(59 * MINUTE_MS), NOW)).toBe("59 min ago");
  expect(ago(before(47 * HOUR_MS), NOW)).toBe("47 h ago");
  expect(ago("not a time", NOW)).toBe("at an unknown time");
  expect(span(49 * HOUR_MS)).toBe("2 days");
  expect(shortMoment(before(HOUR_MS), NOW)).toBe("15:25 UTC");
  expect(shortMoment(before(30 * HOUR_MS), NOW)).toBe("2026-11-22 10:25:21 UTC");
});

test("a healthy account shows its last messages, stream, lag, queue, dead letters and the hours in words", () => {
  const page = shown(account({ name: "Home" }));
  const text = textOf(page);
  expect(text).toContain("All is well");
  expect(text).toMatch(/Last message in 4 min ago 16:21 UTC Last message out none yet/);
  expect(text).toMatch(/Stream open for 3 h Lag none Queue empty Dead letters none/);
  expect(page).toContain(
    'aria-label="In the last 24 hours 6 messages in and 6 out. Most of them in the hour from 16:00 UTC: 2 in, 5 out."',
  );
  expect(text).toMatch(/Hours with messages, in UTC Hour In Out 20:00 4 1 16:00 2 5 /);
  expect(text).not.toContain("What to do");
});

test("what is behind, waits or was given up is told with its age", () => {
  const text = textOf(
    shown(
      account({
        lag: { unanswered: 3, newestStored: 20, newestTaken: 12 },
        queue: {
          waiting: 2,
          inTurns: 1,
          oldestWaitingAt: before(5 * MINUTE_MS),
          oldestTurnAt: before(70_000),
        },
        deadLetters: { messages: 1, replies: 2, newestAt: before(2 * HOUR_MS) },
        lastError: { text: "It said no.", at: before(30_000) },
        stream: { state: "waiting", since: before(4 * MINUTE_MS), roundTripMs: 12.4 },
        suspended: [7],
      }),
    ),
  );
  expect(text).toContain(
    "Lag behind server has no. 20, taken up to 12; 3 messages not answered yet",
  );
  expect(text).toContain("Queue 2 waiting the oldest for 5 min; 1 being answered for 1 min");
  expect(text).toContain("Dead letters 3 1 message, 2 replies, the newest 2 h ago");
  expect(text).toContain("Stream waiting for the next try for 4 min, 12 ms");
  expect(text).toContain("Last error 30 s ago: It said no.");
  expect(text).toContain("Shut out until confirmed application 7");
});

test("what does not work comes first, with what to do; what is off or not set up has no numbers", () => {
  const page = shown(
    account({ account: "fine" }),
    account({ account: "off", enabled: false }),
    account({ account: "wobbly", problems: problem("warning") }),
    account({ account: "dead", problems: problem("error", "No message comes in.") }),
  );
  const order = [...page.matchAll(/<h2 id="account-\d">\s*(\w+)/g)].map(([, name]) => name);
  expect(order).toEqual(["dead", "wobbly", "fine", "off"]);
  expect(textOf(page)).toContain(
    "Error: No message comes in. What to do: Put it up again. Last message in",
  );
  const off = textOf(`<body>${page.slice(page.indexOf('id="account-3"'))}`);
  expect(off).toContain("off Switched off As of");
  expect(off).not.toContain("Last message");
  const unset = textOf(shown(account({ configured: false, problems: problem("error") })));
  expect(unset).toContain("Not set up");
  expect(unset).not.toContain("Queue");
});

test("without an account the page says how to get one, and hours without messages are no chart", () => {
  expect(textOf(shown())).toContain("openclaw channels add gotify");
  const quiet = shown(account({ hours: hours() }));
  expect(textOf(quiet)).toContain("No messages in the last 24 hours.");
  expect(quiet).not.toContain('role="img"');
});

test("the bars of an hour are as high as its share of the busiest, in upwards and out downwards", () => {
  const page = shown(account({ hours: hours({ 0: [100, 0], 1: [50, 100], 2: [1, 0] }) }));
  const heights = (kind: string): number[] =>
    [...page.matchAll(new RegExp(`class="bar-${kind}"[^>]*?height="([\\d.]+)"`, "g"))].map(
      ([, height]) => Number(height),
    );
  expect(heights("in")).toEqual([42, 21, 2]);
  expect(heights("out")).toEqual([42]);
  const tops = [...page.matchAll(/class="bar-in"[^>]*? y="([\d.]+)"/g)].map(([, y]) => Number(y));
  expect(tops).toEqual([1, 22, 41]);
});

test("nothing from outside is HTML, turns the text around or reaches anything", () => {
  const evil = `<script>alert(1)</script>"'&<img src=x>\u202e\u0000`;
  const page = shown(
    account({
      name: evil,
      account: evil,
      version: evil,
      problems: [{ code: "disconnected", level: "error", message: evil, fix: evil }],
      lastError: { text: evil, at: evil },
      lastInAt: evil,
    }),
  );
  const report = {
    ok: false,
    at: NOW,
    findings: [{ check: evil, account: evil, level: "error", message: evil, fix: evil }],
  } as const;
  const failure = failurePage(evil, { ...REQUEST, at: NOW }).body;
  for (const text of [page, doctorPage(report, REQUEST).body, failure]) {
    expect(text.match(/<script/g)).toHaveLength(1);
    expect(text).not.toContain("<img");
    expect(text).not.toMatch(/(?!\n)[\p{Cc}\u202e]/u);
    expect(text).toContain("&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;");
    // What stands between quotes is a value, whatever it looks like.
    expect(text.replaceAll(/"[^"]*"/g, '""')).not.toMatch(
      /<[^>]*\b(?:src|srcset|action|on\w+|style)=|url\(|@import|https?:/,
    );
  }
});

test("the policy allows the page's own style and script, and no other", () => {
  const { headers = {}, body } = statusPage(facts(account()), REQUEST);
  const hash = (name: string): string => {
    const [, text = ""] = new RegExp(`<${name}>([^]*)</${name}>`).exec(body) ?? [];
    return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
  };
  expect(headers["Content-Security-Policy"]).toBe(
    `default-src 'none'; style-src ${hash("style")}; script-src ${hash("script")}; base-uri 'none'; form-action 'none'; frame-ancestors 'self'`,
  );
});

test("the ways between the pages stay below the path that the tab is for, in the theme of the tab", () => {
  const links = (path: string, theme?: "dark"): string[] => {
    const page = statusPage(facts(account()), { path, theme }).body;
    return [...page.matchAll(/<a href="([^"]+)"/g)].map(
      ([, href = ""]) =>
        new URL(href, `http://gateway.test/base${path}`).pathname +
        new URL(href, "http://x.test").search,
    );
  };
  const both = ["/base/gotify/status", "/base/gotify/status/doctor"];
  for (const path of [
    "/gotify/status",
    "/gotify/status/",
    "/gotify/status/doctor",
    "/gotify/doctor",
  ]) {
    expect(links(path), path).toEqual(both);
  }
  expect(links("/gotify/status", "dark")).toEqual(both.map((path) => `${path}?theme=dark`));
  expect(statusPage(facts(), { ...REQUEST, theme: "dark" }).body).toContain('data-theme="dark"');
});

test("the doctor's page groups by account, what is wrong first, and counts in its head line", () => {
  const findings = [
    { check: "files", level: "ok", message: "Files are closed." },
    { check: "reach", account: "home", level: "ok", message: "It answers." },
    { check: "token", account: "home", level: "error", message: "It is old.", fix: "Renew it." },
    { check: "clock", account: "home", level: "warning", message: "It is late.", fix: "Set it." },
  ] as const;
  const text = textOf(doctorPage({ ok: false, at: NOW, findings }, REQUEST).body);
  expect(text).toContain("1 error, 1 warning");
  expect(text).toMatch(/This installation Fine Files are closed\./);
  expect(text).toMatch(
    /home Error It is old\. What to do: Renew it\. Warning It is late\. What to do: Set it\. 1 more check found nothing wrong Fine It answers\./,
  );
  const well = doctorPage({ ok: true, at: NOW, findings: findings.slice(0, 2) }, REQUEST);
  expect(textOf(well.body)).toContain("Nothing is wrong");
});

describe("every text can be read on what it stands on", () => {
  const channel = (value: number): number =>
    value <= 0.039_28 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  const luminance = (colour: string): number => {
    const [red = 0, green = 0, blue = 0] = (colour.slice(1).match(/../g) ?? []).map((part) =>
      channel(Number.parseInt(part, 16) / 255),
    );
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const contrast = (one: string, other: string): number => {
    const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (light + 0.05) / (dark + 0.05);
  };
  test.each([
    ["light", LIGHT],
    ["dark", DARK],
  ] as const)("in %s", (_, palette: Palette) => {
    for (const [text, ground] of READ_ON) {
      expect(contrast(palette[text], palette[ground]), `${text} on ${ground}`).toBeGreaterThan(4.5);
    }
    // Bars are no text, and must be seen.
    for (const bar of ["barIn", "barOut"] as const) {
      expect(contrast(palette[bar], palette.card), bar).toBeGreaterThan(3);
    }
  });
});
