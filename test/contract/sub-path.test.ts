// Owns the facts about a server below a prefix. A real one does not know of it: the proxy strips it off. So, emulator only.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startEmulator, type Emulator } from "../emulator/index.ts";
import { asObject, asString, call } from "./call.ts";
import { Listener } from "./listener.ts";
import { planTargets } from "./target.ts";

const isOnEmulator = planTargets().every(({ kind }) => kind === "emulator");

describe.skipIf(!isOnEmulator).each(["v2", "v3"] as const)(
  "below a prefix (emulator %s)",
  (personality) => {
    let emulator: Emulator;
    beforeAll(async () => {
      emulator = await startEmulator({ personality, basePath: "/push/gotify" });
    });
    afterAll(() => emulator.stop());

    test("REST and the stream are reached with it", async () => {
      const { token } = emulator.createClient("contract");
      const application = emulator.createApplication("contract");
      expect(emulator.url).toMatch(/:\d+\/push\/gotify$/);
      await using stream = await Listener.open(`${emulator.url}/stream`, {
        headers: { "x-gotify-key": token },
      });
      await stream.roundTrip();
      const reply = await call(`${emulator.url}/message`, "POST", {
        as: application,
        json: { message: "m" },
      });
      expect(await stream.frameOf(1)).toBe(`${reply.text}\n`);
    });

    test("without it there is only the proxy's own 404, in HTML", async () => {
      const root = emulator.url.slice(0, -"/push/gotify".length);
      for (const path of ["/health", "/push/gotifyx/health", "/stream"]) {
        const reply = await call(`${root}${path}`, "GET");
        expect([reply.status, reply.contentType]).toEqual([404, "text/html; charset=utf-8"]);
      }
    });

    test("paging.next does not contain it, so following next leads astray", async () => {
      const application = emulator.createApplication("paging");
      for (const message of ["one", "two"]) emulator.push({ appid: application.id, message });
      const reply = await call(`${emulator.url}/message?limit=1`, "GET", {
        as: emulator.createClient("paging"),
      });
      const next = asString(asObject(asObject(reply.json)["paging"])["next"]);
      expect(new URL(next, emulator.url).pathname).toBe("/message");
    });
  },
);
