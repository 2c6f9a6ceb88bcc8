// Owns the facts about reading messages back: order, pages, cursors, bounds.
import { describe, expect, test } from "vitest";
import { asList, asNumber, asObject, asString, badRequest, notFound } from "./call.ts";
import { contract, type OwnedToken, type Site } from "./suite.ts";

interface Page {
  readonly ids: readonly number[];
  readonly paging: Readonly<Record<string, unknown>>;
}

async function readPage(site: Site, path: string): Promise<Page> {
  const reply = await site.call("GET", path, { as: site.admin });
  const page = asObject(reply.json);
  return {
    ids: asList(page["messages"]).map(({ id }) => asNumber(id)),
    paging: asObject(page["paging"]),
  };
}

async function postMany(site: Site, application: OwnedToken, count: number): Promise<number[]> {
  const ids: number[] = [];
  for (let left = count; left > 0; left -= 1) ids.push((await site.post(application)).id);
  return ids;
}

contract("paging", (site) => {
  test("an application without messages has an empty page, not a missing one", async () => {
    const { id } = await site.application();
    const reply = await site.call("GET", `/application/${id}/message`, { as: site.admin });
    expect(reply.text).toBe('{"paging":{"size":0,"since":0,"limit":100},"messages":[]}');
  });

  test("messages come newest first, 100 unless told otherwise", async () => {
    const application = await site.application();
    const ids = await postMany(site, application, 3);
    const page = await readPage(site, `/application/${application.id}/message`);
    expect(page.ids).toEqual(ids.toReversed());
    expect(page.paging).toEqual({ size: 3, since: 0, limit: 100 });
  });

  test("since means strictly older than that id", async () => {
    const application = await site.application();
    const [first = 0, second = 0, third = 0] = await postMany(site, application, 3);
    const path = `/application/${application.id}/message`;
    expect((await readPage(site, `${path}?since=${third}`)).ids).toEqual([second, first]);
    expect((await readPage(site, `${path}?since=${second}`)).ids).toEqual([first]);
    expect((await readPage(site, `${path}?since=${first}`)).ids).toEqual([]);
  });

  test("since 0 and an empty since are the top; an id that is yet to come is the top as well", async () => {
    const application = await site.application();
    const ids = (await postMany(site, application, 2)).toReversed();
    const path = `/application/${application.id}/message`;
    for (const since of ["0", "", "9007199254740991"]) {
      expect((await readPage(site, `${path}?since=${since}`)).ids).toEqual(ids);
    }
  });

  test("since may be the id of a deleted message", async () => {
    const application = await site.application();
    const [first = 0, second = 0] = await postMany(site, application, 2);
    await site.call("DELETE", `/message/${second}`, { as: site.admin });
    const page = await readPage(site, `/application/${application.id}/message?since=${second}`);
    expect(page.ids).toEqual([first]);
  });

  test("one message is read as the first one below its successor", async () => {
    const application = await site.application();
    const [, wanted = 0] = await postMany(site, application, 3);
    const path = `/application/${application.id}/message?limit=1&since=${wanted + 1}`;
    expect((await readPage(site, path)).ids).toEqual([wanted]);
  });

  test("paging.since is the last id of a page that has a successor, and next leads there", async () => {
    const application = await site.application();
    const ids = (await postMany(site, application, 5)).toReversed();
    const path = `/application/${application.id}/message`;
    const first = await readPage(site, `${path}?limit=2`);
    expect(first.ids).toEqual(ids.slice(0, 2));
    expect(first.paging).toMatchObject({ size: 2, limit: 2, since: ids[1] });
    const second = await readPage(site, `${path}?limit=2&since=${ids[1]}`);
    expect(second.ids).toEqual(ids.slice(2, 4));
    const last = await readPage(site, `${path}?limit=2&since=${ids[3]}`);
    expect(last.ids).toEqual(ids.slice(4));
    expect(last.paging).toEqual({ size: 1, since: 0, limit: 2 });
  });

  test("a full last page knows that it is the last: since 0 and no next", async () => {
    const application = await site.application();
    await postMany(site, application, 2);
    const page = await readPage(site, `/application/${application.id}/message?limit=2`);
    expect(page.paging).toEqual({ size: 2, since: 0, limit: 2 });
  });

  test("next is absolute on v2 and a path on v3, without token and other parameters", async (context) => {
    context.skip(site.kind === "url", "behind a proxy v2 guesses");
    const client = await site.client();
    const application = await site.application();
    const [, , newest = 0] = await postMany(site, application, 3);
    const path = `/application/${application.id}/message`;
    const reply = await site.call("GET", `${path}?x=1&limit=1&token=${client.token}`);
    const next = asString(asObject(asObject(reply.json)["paging"])["next"]);
    const rest = `${path}?limit=1&since=${newest}`;
    expect(next).toBe(site.choose(`${site.target.url}${rest}`, rest));
  });

  test("v2 builds next from what a proxy tells it; v3 does not care", async (context) => {
    context.skip(site.kind === "url", "a proxy may say so itself");
    const application = await site.application();
    const [, newest = 0] = await postMany(site, application, 2);
    const path = `/application/${application.id}/message`;
    const reply = await site.call("GET", `${path}?limit=1`, {
      as: site.admin,
      headers: { "x-forwarded-proto": "https", "x-forwarded-host": "push.example" },
    });
    const rest = `${path}?limit=1&since=${newest}`;
    expect(asObject(asObject(reply.json)["paging"])["next"]).toBe(
      site.choose(`https://push.example${rest}`, rest),
    );
  });

  test("a message that comes in between does not move the next page", async () => {
    const application = await site.application();
    const ids = (await postMany(site, application, 4)).toReversed();
    const path = `/application/${application.id}/message`;
    const first = await readPage(site, `${path}?limit=2`);
    await site.post(application);
    const cursor = asNumber(first.paging["since"]);
    const second = await readPage(site, `${path}?limit=2&since=${cursor}`);
    expect([...first.ids, ...second.ids]).toEqual(ids);
  });

  test("/message holds all applications of the user, by id over all of them", async () => {
    const one = await site.application();
    const other = await site.application();
    const ids = [await site.post(one), await site.post(other), await site.post(one)].map(
      ({ id }) => id,
    );
    const page = await readPage(site, "/message?limit=200");
    expect(page.ids.filter((id) => ids.includes(id))).toEqual(ids.toReversed());
    expect(page.ids).toEqual(page.ids.toSorted((a, b) => b - a));
  });

  test("a listed message is the answer to its post, but for the date's text", async () => {
    const application = await site.application();
    const posted = await site.post(application, {
      message: "m",
      title: "t",
      extras: { a: { b: 1 } },
    });
    const reply = await site.call("GET", `/application/${application.id}/message`, {
      as: site.admin,
    });
    const listed = asList(asObject(reply.json)["messages"])[0] ?? {};
    const original = asObject(posted.json);
    expect({ ...listed, date: "" }).toEqual({ ...original, date: "" });
    const apart = Date.parse(asString(listed["date"])) - Date.parse(asString(original["date"]));
    expect(Math.abs(apart)).toBeLessThanOrEqual(2000);
  });

  test("there is no reading of one message by its id", async () => {
    const { id } = await site.post(await site.application());
    const reply = await site.call("GET", `/message/${id}`, { as: site.admin });
    expect([reply.status, reply.text]).toEqual([404, notFound("page not found")]);
  });

  describe("bounds", () => {
    const tooSmall = "Field 'limit' must be more or equal to 1";
    const tooLarge = "Field 'limit' must be less or equal to 200";
    const cases: ReadonlyArray<readonly [query: string, reason: string]> = [
      ["limit=0", tooSmall],
      ["limit=-1", tooSmall],
      ["limit=", tooSmall],
      ["limit=201", tooLarge],
      ["limit=x", 'strconv.ParseInt: parsing "x": invalid syntax'],
      ["limit=1.5", 'strconv.ParseInt: parsing "1.5": invalid syntax'],
      [
        "limit=99999999999999999999",
        'strconv.ParseInt: parsing "99999999999999999999": value out of range',
      ],
      ["since=-1", 'strconv.ParseUint: parsing "-1": invalid syntax'],
      ["since=x", 'strconv.ParseUint: parsing "x": invalid syntax'],
      ["limit=0&since=-1", 'strconv.ParseUint: parsing "-1": invalid syntax'],
    ];

    test.for(cases)("%s is a 400 that says why", async ([query, reason]) => {
      const reply = await site.call("GET", `/message?${query}`, { as: site.admin });
      expect([reply.status, reply.text]).toEqual([400, badRequest(reason)]);
    });

    test("limits from 1 to 200 are taken and given back", async () => {
      const { id } = await site.application();
      for (const limit of [1, 200]) {
        const page = await readPage(site, `/application/${id}/message?limit=${limit}`);
        expect(page.paging).toEqual({ size: 0, since: 0, limit });
      }
    });

    test("a since beyond 2^63, which no id can be, gives an empty page on SQLite", async (context) => {
      context.skip(site.kind === "url" || site.database !== "sqlite3", "another database");
      const application = await site.application();
      await site.post(application);
      for (const [since, size] of [
        ["9223372036854775807", 1],
        ["9223372036854775808", 0],
        ["18446744073709551615", 0],
      ] as const) {
        const path = `/application/${application.id}/message?since=${since}`;
        const reply = await site.call("GET", path, { as: site.admin });
        expect(asObject(reply.json)["paging"]).toMatchObject({ size });
      }
    });

    test("blanks around a limit are cut on v3 and an error on v2", async () => {
      const { id } = await site.application();
      const path = `/application/${id}/message?limit=%205`;
      const reply = await site.call("GET", path, { as: site.admin });
      expect(reply.status).toBe(site.choose(400, 200));
    });

    test("an application that is not there is a 404, after the bounds; one that has no number a 400", async () => {
      const ask = async (path: string): Promise<string> =>
        (await site.call("GET", `/application/${path}`, { as: site.admin })).text;
      expect(await ask("4000000000/message")).toBe(notFound("application does not exist"));
      expect(await ask("4000000000/message?limit=0")).toBe(badRequest(tooSmall));
      expect(await ask("x/message")).toBe(badRequest("invalid id"));
      expect(await ask("-1/message")).toBe(badRequest("invalid id"));
    });
  });
});
