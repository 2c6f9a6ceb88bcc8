// Owns how the emulator's own tests start it: one per test, stopped with the test, with what most of them need.
import { onTestFinished } from "vitest";
import { call, credentials, type Reply, type Sender } from "../contract/call.ts";
import { Listener, type ListenerOptions } from "../contract/listener.ts";
import { startEmulator, type Credentials, type Emulator, type EmulatorOptions } from "./index.ts";

export interface Setup {
  readonly emulator: Emulator;
  readonly application: Credentials;
  readonly client: Credentials;
  /** A stream right after its 101, closed with the test. */
  readonly connect: (options?: ListenerOptions & { as?: Sender }) => Promise<Listener>;
  readonly post: (message: string) => Promise<Reply>;
}

export async function setup(options?: EmulatorOptions): Promise<Setup> {
  const emulator = await startEmulator(options);
  onTestFinished(() => emulator.stop());
  const application = emulator.createApplication("app");
  const client = emulator.createClient("client");
  return {
    emulator,
    application,
    client,
    async connect({ as = client, ...rest } = {}) {
      const listener = await Listener.open(`${emulator.url}/stream`, {
        headers: credentials(as),
        ...rest,
      });
      onTestFinished(() => listener[Symbol.asyncDispose]());
      return listener;
    },
    post: (message) =>
      call(`${emulator.url}/message`, "POST", { as: application, json: { message } }),
  };
}
