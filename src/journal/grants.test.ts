import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import type { GotifyApplication } from "../gotify/applications.ts";
import { createChallenges } from "./challenges.ts";
import { openJournal } from "./journal.ts";
import {
  confirmGrants,
  createGrants,
  describeSuspension,
  keepGrants,
  listGrants,
  type Grant,
  type Look,
} from "./grants.ts";

const SPRING = new Date("2026-04-01T10:00:00Z");
const AUTUMN = new Date("2026-10-01T10:00:00Z");

function application(parts: Partial<GotifyApplication>): GotifyApplication {
  return {
    id: 5,
    name: "Phone",
    description: "",
    defaultPriority: 0,
    internal: false,
    imageUrl: undefined,
    lastUsed: undefined,
    sortKey: undefined,
    createdAt: undefined,
    ...parts,
  };
}

/** A journal, and a server whose application 5 looks as the test says. */
function setup() {
  const folder = mkdtempSync(join(tmpdir(), "openclaw-gotify-grants-"));
  const { journal } = openJournal(folder);
  onTestFinished(() => {
    journal.close();
    rmSync(folder, { recursive: true });
  });
  const server: { shows: GotifyApplication | undefined; isSilent: boolean } = {
    shows: undefined,
    isSilent: false,
  };
  const suspended: { grant: Grant; is: Look }[] = [];
  const gone: number[] = [];
  const grants = createGrants({
    journal,
    lookUp: async () => {
      if (server.isSilent) throw new Error("no answer");
      return server.shows;
    },
    onSuspended: (grant, is) => suspended.push({ grant, is }),
    onGone: (appId) => gone.push(appId),
    now: () => 1_000,
  });
  const fitsAs = (parts: Partial<GotifyApplication>): Promise<boolean> => {
    server.shows = application(parts);
    return grants.fits(5);
  };
  return { journal, grants, server, suspended, gone, fitsAs };
}

describe("a grant", () => {
  test("holds for the application that had it, also under another name, where its creation is known", async () => {
    const { fitsAs, suspended } = setup();
    expect(await fitsAs({ createdAt: SPRING })).toBe(true);
    expect(await fitsAs({ createdAt: SPRING, name: "Ada's phone" })).toBe(true);
    expect(suspended).toEqual([]);
  });

  test("does not hold for another application with its id, even one of the same name", async () => {
    const { fitsAs, suspended, journal } = setup();
    await fitsAs({ createdAt: SPRING });
    expect(await fitsAs({ createdAt: AUTUMN })).toBe(false);
    expect(await fitsAs({ createdAt: AUTUMN })).toBe(false);
    // Told once.
    expect(suspended).toHaveLength(1);
    expect(listGrants(journal)).toEqual([
      { appId: 5, look: { name: "Phone", createdAt: SPRING.getTime() }, suspendedAt: 1_000 },
    ]);
  });

  test("goes by the name where the server knows no creation", async () => {
    const { fitsAs } = setup();
    expect(await fitsAs({ name: "Phone" })).toBe(true);
    expect(await fitsAs({ name: "Phone" })).toBe(true);
    expect(await fitsAs({ name: "Grafana" })).toBe(false);
  });

  test("survives an update of the server to Gotify 3, and is more exact from then on", async () => {
    const { fitsAs } = setup();
    await fitsAs({ name: "Phone" });
    expect(await fitsAs({ name: "Phone", createdAt: SPRING })).toBe(true);
    expect(await fitsAs({ name: "Phone", createdAt: AUTUMN })).toBe(false);
  });

  test("holds again when a restore brings the application back", async () => {
    const { fitsAs, journal } = setup();
    await fitsAs({ createdAt: SPRING });
    await fitsAs({ createdAt: AUTUMN });
    expect(await fitsAs({ createdAt: SPRING })).toBe(true);
    expect(listGrants(journal)).toMatchObject([{ suspendedAt: undefined }]);
  });

  test("holds for nobody while the server does not say who has the id", async () => {
    const { fitsAs, grants, server } = setup();
    await fitsAs({});
    server.isSilent = true;
    await expect(grants.fits(5)).rejects.toThrow("no answer");
  });

  test("holds for nobody once the application is deleted, and is remembered", async () => {
    const { fitsAs, grants, server, gone } = setup();
    await fitsAs({ createdAt: SPRING });
    server.shows = undefined;
    expect(await grants.fits(5)).toBe(false);
    expect(gone).toEqual([5]);
    expect(await fitsAs({ createdAt: AUTUMN })).toBe(false);
  });
});

describe("a person", () => {
  test("confirms what the application is now, and nothing that was never in doubt", async () => {
    const { fitsAs, journal } = setup();
    await fitsAs({ createdAt: SPRING });
    expect(confirmGrants(journal, 5)).toEqual([]);
    await fitsAs({ createdAt: AUTUMN });
    expect(confirmGrants(journal, 6)).toEqual([]);
    expect(confirmGrants(journal, 5)).toMatchObject([{ appId: 5 }]);
    expect(await fitsAs({ createdAt: AUTUMN })).toBe(true);
    expect(await fitsAs({ createdAt: SPRING })).toBe(false);
    expect(confirmGrants(journal)).toMatchObject([{ appId: 5 }]);
  });

  test("is told who it was, who it is, and what to do", () => {
    const grant = { appId: 5, look: { name: "Phone", createdAt: undefined }, suspendedAt: 1 };
    const is = { name: 'Gra"fana', createdAt: AUTUMN.getTime() };
    expect(describeSuspension("home", grant, is)).toBe(
      'Application 5 is not the one that was let in: it was "Phone", and is now "Gra\\"fana" (created 2026-10-01T10:00:00.000Z). ' +
        "This goes by the name alone, so if you have only renamed it, it is still the same. " +
        "It may not talk to the agent until you confirm it: openclaw gotify grants confirm 5 --account home",
    );
    const since = { ...grant, look: { name: "Phone", createdAt: SPRING.getTime() } };
    expect(describeSuspension("home", since, is)).not.toContain("renamed");
    // Without it, the command would be for the account that defaultAccount names.
    expect(describeSuspension("default", since, is)).toMatch(/confirm 5 --account default$/);
  });
});

test("what nobody lets in any more is forgotten", async () => {
  const { fitsAs, journal } = setup();
  await fitsAs({ name: "Phone" });
  keepGrants(journal, new Set([5]));
  expect(await fitsAs({ name: "Grafana" })).toBe(false);
  keepGrants(journal, new Set());
  expect(await fitsAs({ name: "Grafana" })).toBe(true);
});

test("who asks to be let in is remembered for as long as its code can be approved", async () => {
  const { fitsAs, journal } = setup();
  const asked = Date.parse("2026-05-01T10:00:00Z");
  createChallenges(journal, () => asked).noteChallenge(5);
  await fitsAs({ createdAt: SPRING });
  keepGrants(journal, new Set(), asked + 59 * 60_000);
  expect(await fitsAs({ createdAt: AUTUMN })).toBe(false);
  keepGrants(journal, new Set(), asked + 61 * 60_000);
  expect(await fitsAs({ createdAt: AUTUMN })).toBe(true);
});
