// Owns the facts about bodies that are neither JSON nor a form. No client we know of sends them; the server reads them all the same.
import { describe, expect, test } from "vitest";
import { asNumber, asObject, badRequest, type Reply } from "./call.ts";
import { contract, type OwnedToken } from "./suite.ts";

contract("other bodies", (site) => {
  const post = (as: OwnedToken, contentType: string, body: string): Promise<Reply> =>
    site.call("POST", "/message", { as, headers: { "content-type": contentType }, body });

  describe.for(["application/xml", "text/xml"])("%s", (type) => {
    test("has elements named after the server's own fields, in a root of any name", async () => {
      const as = await site.application();
      const fields = "<Message>a &lt;b&gt; <![CDATA[<c>]]></Message><Title>t</Title>";
      const body = `<?xml version="1.0"?>\n<any>${fields}<Priority> 3 </Priority><x>y</x></any>`;
      const reply = await post(as, type, body);
      expect(reply.json).toMatchObject({ message: "a <b> <c>", title: "t", priority: 3 });
    });

    test("names count in their own case, and extras are not to be had", async () => {
      const as = await site.application();
      const lower = await post(as, type, "<m><message>a</message></m>");
      expect(lower.text).toBe(badRequest("Field 'message' is required"));
      const extras = await post(as, type, "<m><Message>a</Message><Extras><a>1</a></Extras></m>");
      const reason = "unknown type map[string]interface {}";
      expect(extras.text).toBe(badRequest(reason));
    });

    test("says what is wrong", async () => {
      const as = await site.application();
      const reasonOf = async (body: string): Promise<unknown> =>
        asObject((await post(as, type, body)).json)["errorDescription"];
      expect(await reasonOf("")).toBe("EOF");
      expect(await reasonOf('{"message":"a"}')).toBe("EOF");
      const syntax = "XML syntax error on line 1";
      expect(await reasonOf("<m><Message>a</Message>")).toBe(`${syntax}: unexpected EOF`);
      expect(await reasonOf("<m><Message>a</m>")).toBe(
        `${syntax}: element <Message> closed by </m>`,
      );
      expect(await reasonOf("<m><Message>a</Message><Priority>x</Priority></m>")).toBe(
        'strconv.ParseInt: parsing "x": invalid syntax',
      );
    });
  });

  describe.for(["application/yaml", "application/x-yaml"])("%s", (type) => {
    test("has JSON's names in JSON's case, and takes a number for a text", async () => {
      const as = await site.application();
      const reply = await post(as, type, "message: a 'b'\ntitle: \"t\"\npriority: 3\nother: 1\n");
      expect(reply.json).toMatchObject({ message: "a 'b'", title: "t", priority: 3 });
      expect((await post(as, type, "message: 5\n")).json).toMatchObject({ message: "5" });
      const upper = await post(as, type, "Message: a\n");
      expect(upper.text).toBe(badRequest("Field 'message' is required"));
      expect((await post(as, type, "")).text).toBe(badRequest("EOF"));
    });
  });

  describe("application/toml", () => {
    test("has JSON's names in any case, and may be empty like a form", async () => {
      const as = await site.application();
      const body = "Message = \"a b\"\ntitle = 't'\npriority = 3\n";
      const reply = await post(as, "application/toml", body);
      expect(reply.json).toMatchObject({ message: "a b", title: "t", priority: 3 });
      const empty = await post(as, "application/toml", "");
      expect(empty.text).toBe(badRequest("Field 'message' is required"));
    });
  });

  test("the query does not count beside them", async () => {
    const as = await site.application({ defaultPriority: 1 });
    const reply = await site.call("POST", "/message?priority=4", {
      as,
      headers: { "content-type": "application/yaml" },
      body: "message: m\n",
    });
    expect(reply.json).toMatchObject({ priority: 1 });
  });

  test("applications are made from them, too", async (context) => {
    context.skip(
      site.kind !== "emulator" && site.database !== "sqlite3",
      "another file may make one now",
    );
    const cases: ReadonlyArray<readonly [type: string, body: string]> = [
      ["application/xml", "<a><Name>n</Name><DefaultPriority>3</DefaultPriority></a>"],
      ["application/yaml", "name: n\ndefaultPriority: 3\n"],
      ["application/toml", 'name = "n"\ndefaultpriority = 3\n'],
    ];
    for (const [type, body] of cases) {
      const headers = { "content-type": type };
      const reply = await site.call("POST", "/application", { as: site.admin, headers, body });
      const made = asObject(reply.json);
      site.onCleanUp(() =>
        site.call("DELETE", `/application/${asNumber(made["id"])}`, { as: site.admin }),
      );
      expect(made).toMatchObject({ name: "n", defaultPriority: 3 });
    }
  });

  test("Protocol Buffers are named among the types that it knows, and never read", async () => {
    const reply = await post(await site.application(), "application/x-protobuf", "x");
    expect([reply.status, reply.text]).toEqual([400, badRequest("obj is not ProtoMessage")]);
  });
});
