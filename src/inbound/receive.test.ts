import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { verifyChannelMessageReceiveAckPolicyAdapterProofs } from "openclaw/plugin-sdk/channel-outbound";
import { expect, onTestFinished, test } from "vitest";
import { startEmulator } from "../../test/emulator/index.ts";
import { startBridge } from "../../test/support/bridge.ts";
import { GotifyClient } from "../gotify/client.ts";
import { openJournal } from "../journal/journal.ts";
import { receiveAdapter } from "./receive.ts";

test("a message counts as received when it is written down, which is before anything is done with it", async () => {
  const results = await verifyChannelMessageReceiveAckPolicyAdapterProofs({
    adapterName: "gotify",
    adapter: { receive: receiveAdapter },
    proofs: {
      after_receive_record: async () => {
        const folder = mkdtempSync(join(tmpdir(), "gotify-receive-"));
        onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
        const emulator = await startEmulator();
        onTestFinished(() => emulator.stop());
        const { journal } = openJournal(folder);
        onTestFinished(() => journal.close());
        const appToken = emulator.createApplication("Backup").token;
        const clientToken = emulator.createClient("OpenClaw").token;
        const client = new GotifyClient({ serverUrl: emulator.url, appToken, clientToken });
        const seen = Promise.withResolvers<unknown>();
        const bridge = startBridge({
          journal,
          client,
          agent: async (messages, lifecycle) => {
            const rows = journal.sql("select state from inbox").all();
            const known = journal.sql("select id from seen where verdict = 'admitted'").all();
            seen.resolve({ rows, known, messages: messages.map(({ id }) => id) });
            await lifecycle.onAdopted();
          },
        });
        onTestFinished(() => bridge.stop());
        await emulator.until(() => emulator.store.streamCount() === 1);
        const { id } = await client.sendMessage({ message: "hello" });
        expect(await seen.promise).toEqual({
          rows: [{ state: "claimed" }],
          known: [{ id }],
          messages: [id],
        });
      },
    },
  });
  expect(results).toContainEqual({ policy: "after_receive_record", status: "verified" });
});
