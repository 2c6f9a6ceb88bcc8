// Owns the facts about how a stream is kept up and how it ends: pings, limits, close codes.
import { expect, test, type TestContext } from "vitest";
import { contract, type Site } from "./suite.ts";

/** A stranger's server has a period of its own, 45 s unless changed, and does not tell. */
function knownPeriod(site: Site, { skip }: TestContext): number {
  const { pingPeriodMs } = site.target;
  skip(pingPeriodMs === undefined, "the server's ping period is not known");
  return pingPeriodMs ?? 0;
}

contract("keep-alive", (site) => {
  test("a ping is answered with its own payload, up to the 125 bytes that a ping may have", async () => {
    const stream = await site.stream({ as: await site.client() });
    const payload = "p".repeat(125);
    stream.socket.ping(payload);
    await stream.until(() => stream.pongs.includes(payload));
    expect(stream.closing).toBeUndefined();
  });

  test("the server pings once in every period, counted from the opening", async (context) => {
    const period = knownPeriod(site, context);
    const stream = await site.stream({ as: await site.client() });
    await stream.until(() => stream.pings.length >= 3, 4 * period + 2000);
    const [first = 0, , third = 0] = stream.pings;
    // A busy machine is late, but nobody is early by more than the two clocks' grain.
    expect(first - stream.openedAt).toBeGreaterThan(0.9 * period - 20);
    expect(third - first).toBeGreaterThan(1.8 * period - 20);
    expect(third - first).toBeLessThan(2 * period + 1000);
  });

  test(
    "without a pong a socket is dropped after the period and the grace, its own pings and data notwithstanding",
    { timeout: 40_000 },
    async (context) => {
      const allowed = knownPeriod(site, context) + site.target.pongGraceMs;
      const stream = await site.stream({ as: await site.client(), autoPong: false });
      const chatter = setInterval(() => {
        stream.socket.ping();
        stream.socket.send("still here");
      }, allowed / 10);
      site.onCleanUp(async () => clearInterval(chatter));
      const { code } = await stream.untilClosed(allowed + 5000);
      const lived = performance.now() - stream.openedAt;
      expect(code).toBe(1006);
      expect(lived).toBeGreaterThan(allowed - 50);
    },
  );

  test("data messages up to 64 bytes are swallowed, one of 65 ends the stream with 1009", async () => {
    const stream = await site.stream({ as: await site.client() });
    stream.socket.send("x".repeat(64));
    stream.socket.send(Buffer.alloc(64));
    await stream.roundTrip();
    expect(stream.closing).toBeUndefined();
    stream.socket.send("x".repeat(65));
    expect(await stream.untilClosed()).toEqual({ code: 1009, reason: "" });
  });

  test("fragments of one message are counted together, but for the first one", async () => {
    const as = await site.client();
    const stream = await site.stream({ as });
    for (const fin of [false, true]) stream.socket.send("x".repeat(40), { fin });
    await stream.roundTrip();
    const other = await site.stream({ as });
    for (const fin of [false, false, true]) other.socket.send("x".repeat(40), { fin });
    expect((await other.untilClosed()).code).toBe(1009);
    expect(stream.closing).toBeUndefined();
  });

  test("a close is answered with its own code, without the reason", async () => {
    const as = await site.client();
    for (const code of [1000, 1001, 4001]) {
      const stream = await site.stream({ as });
      stream.socket.close(code, "bye");
      expect(await stream.untilClosed()).toEqual({ code, reason: "" });
    }
  });

  test("deleting the client ends all its streams, without a close frame: 1006", async () => {
    const client = await site.client();
    const application = await site.application();
    const streams = [await site.stream({ as: client }), await site.stream({ as: client })];
    const others = [
      await site.stream({ as: await site.client() }),
      await site.stream({ as: site.admin }),
    ];
    await site.call("DELETE", `/client/${client.id}`, { as: site.admin });
    for (const stream of streams) {
      expect(await stream.untilClosed()).toEqual({ code: 1006, reason: "" });
    }
    // Those of other clients, and those opened with a password, live on.
    const { id } = await site.post(application);
    for (const other of others) {
      await other.frameOf(id);
      expect(other.closing).toBeUndefined();
    }
  });

  test("deleting an application does not end streams", async () => {
    const doomed = await site.application();
    const stream = await site.stream({ as: await site.client() });
    await site.call("DELETE", `/application/${doomed.id}`, { as: site.admin });
    const { id } = await site.post(await site.application());
    await stream.frameOf(id);
    expect(stream.closing).toBeUndefined();
  });
});
