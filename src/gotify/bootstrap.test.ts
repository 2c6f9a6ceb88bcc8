import { expect, test } from "vitest";
import { sendJson, startLocalServer } from "../../test/support/local-server.ts";
import { GotifyClient } from "./index.ts";

const request = {
  login: { user: "admin", password: "geheim" },
  clientName: "bridge",
  applicationName: "OpenClaw",
};

/** A Gotify with these applications, which makes the client 7 and the application 9. */
async function gotifyWith(applications: readonly object[]) {
  const server = await startLocalServer(({ method, url }, response) => {
    if (method === "GET") return sendJson(response, 200, applications);
    const id = url === "/client" ? 7 : 9;
    sendJson(response, 200, { id, name: "x", token: `token-${id}` });
  });
  const client = new GotifyClient({ serverUrl: server.url });
  return { result: await client.bootstrap(request), requests: server.requests };
}

test("a bootstrap uses an application of its name again", async () => {
  const { result, requests } = await gotifyWith([
    { id: 4, name: "OpenClaw", internal: false, token: "token-4" },
  ]);
  expect(result).toMatchObject({
    reusedApplication: true,
    application: { id: 4 },
    appToken: "token-4",
  });
  expect(requests.filter(({ method }) => method === "POST")).toHaveLength(1);
});

test("a bootstrap leaves an application alone that belongs to a server plugin", async () => {
  const own = { id: 5, name: "OpenClaw", internal: true, token: "token-5" };
  const { result } = await gotifyWith([own]);
  expect(result).toMatchObject({
    reusedApplication: false,
    application: { id: 9 },
    appToken: "token-9",
  });
  // Nor does it make a name ambiguous.
  const both = await gotifyWith([own, { id: 6, name: "OpenClaw", token: "token-6" }]);
  expect(both.result).toMatchObject({ reusedApplication: true, application: { id: 6 } });
});
