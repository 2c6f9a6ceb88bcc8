// Owns the facts about bodies that are forms: their fields, what the query adds, and what is no form at all.
import { describe, expect, test } from "vitest";
import { asNumber, asObject, badRequest, type CallOptions, type Reply } from "./call.ts";
import { contract, type OwnedToken } from "./suite.ts";

const URLENCODED = "application/x-www-form-urlencoded";
const MAX_FORM_BYTES = 10 * 1024 * 1024;

function part(name: string, value: string): string {
  return `--x\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}`;
}

contract("forms", (site) => {
  const post = (as: OwnedToken, options: CallOptions, query = ""): Promise<Reply> =>
    site.call("POST", `/message${query}`, { as, ...options });
  const typed = (contentType: string, body: string): CallOptions => ({
    headers: { "content-type": contentType },
    body,
  });

  describe("fields", () => {
    test("the first of two equal names wins, and the body wins over the query", async () => {
      const as = await site.application();
      const reply = await post(as, typed(URLENCODED, "message=a&message=b"), "?message=q&title=t");
      expect(reply.json).toMatchObject({ message: "a", title: "t" });
    });

    test("names are taken as they are written, other than in JSON", async () => {
      const as = await site.application();
      const reply = await post(as, typed(URLENCODED, "Message=a"));
      expect(reply.text).toBe(badRequest("Field 'message' is required"));
    });

    test("a plus is a blank, and bytes are UTF-8", async () => {
      const as = await site.application();
      const reply = await post(as, typed(URLENCODED, "message=a+b%20c%C3%A4"));
      expect(reply.json).toMatchObject({ message: "a b cä" });
    });

    test("bytes that are no UTF-8 get as far as the database, other than in JSON", async () => {
      const as = await site.application();
      const reply = await post(as, typed(URLENCODED, "message=a%ff"));
      const { message, errorDescription } = asObject(reply.json);
      const refused = /SQLSTATE 22021|Error 1366 \(22007\)/;
      expect(message ?? errorDescription).toMatch(
        site.database === "sqlite3" ? /^a\ufffd$/ : refused,
      );
    });

    test("an appid counts on v3; on v2 it is not even looked at", async () => {
      const application = await site.application();
      const text = new URLSearchParams({ message: "m", appid: "x" });
      const reply = await post(application, { body: text });
      const misfit = badRequest('strconv.ParseUint: parsing "x": invalid syntax');
      expect([reply.status, reply.text]).toEqual(
        site.choose<unknown[]>([200, reply.text], [400, misfit]),
      );
      const as = await site.client();
      const body = new URLSearchParams({ message: "m", appid: String(application.id) });
      const byClient = await site.call("POST", "/message", { as, body });
      expect(byClient.status).toBe(site.choose(401, 200));
    });

    test("blanks around a number are cut on v3 and an error on v2", async () => {
      const as = await site.application();
      const reply = await post(as, typed(URLENCODED, "message=a&priority=%205"));
      expect(reply.status).toBe(site.choose(400, 200));
    });

    test("applications and clients can be made and changed with them", async () => {
      const application = await site.application({ description: "old" });
      const fields = { name: "contract: by form", description: "d", defaultPriority: "5" };
      const multipart = new FormData();
      for (const [name, value] of Object.entries(fields)) multipart.append(name, value);
      for (const body of [new URLSearchParams(fields), multipart]) {
        const path = `/application/${application.id}`;
        const reply = await site.call("PUT", path, { as: site.admin, body });
        expect(reply.json).toMatchObject({ ...fields, defaultPriority: 5 });
      }
      const expiry = new URLSearchParams({ name: "c", expiresAfterInactivitySeconds: "3600" });
      const made = await site.call("POST", "/client", { as: site.admin, body: expiry });
      const { id, ...rest } = asObject(made.json);
      site.onCleanUp(() => site.call("DELETE", `/client/${asNumber(id)}`, { as: site.admin }));
      const onV3 = { name: "c", expiresAfterInactivitySeconds: 3600 };
      expect(rest).toMatchObject(site.choose<object>({ name: "c" }, onV3));
    });

    test("a flag is on with 1, t or true, off with nothing, and nothing else", async (context) => {
      site.needVersion(context, 3);
      const { id } = await site.application();
      const ask = async (regenerateToken: string): Promise<string> => {
        const body = new URLSearchParams({ regenerateToken });
        const path = `/application/${id}/security`;
        return (await site.call("PUT", path, { as: site.admin, body })).text;
      };
      for (const on of ["1", "t", "True", "true"]) expect(await ask(on)).toMatch(/gtfya\./);
      for (const off of ["", "0", "false"]) expect(await ask(off)).toBe("{}");
      expect(await ask("yes")).toBe(badRequest('strconv.ParseBool: parsing "yes": invalid syntax'));
    });
  });

  describe("what is none", () => {
    const cases: ReadonlyArray<readonly [body: string, query: string, reason: string]> = [
      ["message=%zz", "", 'invalid URL escape "%zz"'],
      ["message=a%2", "", 'invalid URL escape "%2"'],
      ["m%zz=1&message=a", "", 'invalid URL escape "%zz"'],
      ["message=a;b", "", "invalid semicolon separator in query"],
      ["message=a", "?x;y", "invalid semicolon separator in query"],
      ["message=a", "?x=%zz", 'invalid URL escape "%zz"'],
      ["message=%yy", "?x=%zz", 'invalid URL escape "%yy"'],
    ];
    test.for(cases)("%j with the query %j is a 400", async ([body, query, reason]) => {
      const reply = await post(await site.application(), typed(URLENCODED, body), query);
      expect([reply.status, reply.text]).toEqual([400, badRequest(reason)]);
    });

    test("JSON does not care about such a query, nor does paging", async () => {
      const as = await site.application();
      expect((await post(as, { json: { message: "m" } }, "?x=%zz;")).status).toBe(200);
      const page = await site.call("GET", "/message?limit=%zz&x;y", { as: site.admin });
      expect(asObject(asObject(page.json)["paging"])["limit"]).toBe(100);
    });

    test("a content type that cannot be read is a 400, one that is not known an empty form", async () => {
      const as = await site.application();
      const reasonOf = async (contentType: string): Promise<string> =>
        (await post(as, typed(contentType, "message=m"))).text;
      expect(await reasonOf(`${URLENCODED}; charset`)).toBe(
        badRequest("mime: invalid media parameter"),
      );
      expect(await reasonOf("foo/")).toBe(badRequest("mime: expected token after slash"));
      expect(await reasonOf(";x")).toBe(badRequest("mime: no media type"));
      const empty = badRequest("Field 'message' is required");
      expect(await reasonOf("text/plain")).toBe(empty);
      expect(await reasonOf("Application/JSON")).toBe(empty);
      expect((await post(as, typed(URLENCODED.toUpperCase(), "message=m"))).status).toBe(200);
    });

    test("more than 10 MiB are too much for a urlencoded form, other than for JSON", async (context) => {
      context.skip(site.kind === "url", "a proxy may have limits of its own");
      context.skip(site.database.startsWith("mysql"), "it stores no such text");
      const as = await site.application();
      const text = "x".repeat(MAX_FORM_BYTES - "message=".length);
      expect((await post(as, typed(URLENCODED, `message=${text}`))).status).toBe(200);
      const more = await post(as, typed(URLENCODED, `message=${text}x`));
      expect([more.status, more.text]).toEqual([400, badRequest("http: POST too large")]);
      expect((await post(as, { json: { message: `${text}xxxxxxxx` } })).status).toBe(200);
    });
  });

  describe("multipart", () => {
    const MULTIPART = "multipart/form-data; boundary=x";

    test("the query does not count beside it", async () => {
      const as = await site.application({ defaultPriority: 1 });
      const body = `${part("message", "m")}\r\n--x--\r\n`;
      const reply = await post(as, typed(MULTIPART, body), "?priority=4&title=t");
      expect(reply.json).toMatchObject({ message: "m", priority: 1, title: as.name });
    });

    test("one that is none, is empty or broken off is a 400", async () => {
      const as = await site.application();
      const reasonOf = async (contentType: string, body: string): Promise<string> =>
        (await post(as, typed(contentType, body))).text;
      const noBoundary = "no multipart boundary param in Content-Type";
      expect(await reasonOf("multipart/form-data", "x")).toBe(badRequest(noBoundary));
      for (const body of ["message=m", ""]) {
        expect(await reasonOf(MULTIPART, body)).toBe(badRequest("multipart: NextPart: EOF"));
      }
      expect(await reasonOf(MULTIPART, part("message", "m"))).toBe(badRequest("unexpected EOF"));
    });

    test("a file is no text, also beside one", async () => {
      const as = await site.application();
      const body = new FormData();
      body.append("message", "text");
      body.append("message", new Blob(["x"]), "message.txt");
      const reply = await post(as, { body });
      const reason = "unsupported field type for multipart.FileHeader";
      expect([reply.status, reply.text]).toEqual([400, badRequest(reason)]);
    });
  });
});
