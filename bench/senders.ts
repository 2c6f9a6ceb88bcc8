// Owns the senders: any number of them, each posting one message after the other on a connection of its own.
import { Agent, request } from "node:http";
import type { Town } from "./emulator-process.ts";

export interface Post {
  readonly token: string;
  readonly message: string;
  readonly peerId?: string;
}

/** Posts `count` messages by `senders` at once; each sender belongs to one application. Gives the milliseconds of each post. */
export async function postAll(town: Town, count: number, senders: number): Promise<number[]> {
  const took: number[] = [];
  let posted = 0;
  const agent = new Agent({ keepAlive: true, maxSockets: senders });
  const send = async (sender: number): Promise<void> => {
    const token = town.applications[sender % town.applications.length]?.token ?? "";
    while (posted < count) {
      posted += 1;
      const message = `Sensor ${sender}: reading ${posted}, 21.5 degrees, 40 % humidity, all within limits.`;
      const begun = performance.now();
      await post(agent, town.url, { token, message });
      took.push(performance.now() - begun);
    }
  };
  await Promise.all(Array.from({ length: senders }, (_, sender) => send(sender)));
  agent.destroy();
  return took;
}

/** One post. Rejects unless the server took it. */
export function post(agent: Agent, url: string, { token, message, peerId }: Post): Promise<void> {
  const body = JSON.stringify({
    title: "Sensor",
    message,
    priority: 5,
    ...(peerId === undefined ? {} : { extras: { openclaw: { peerId } } }),
  });
  return new Promise((resolve, reject) => {
    const call = request(`${url}/message`, {
      agent,
      method: "POST",
      headers: {
        "X-Gotify-Key": token,
        "Content-Type": "application/json",
        "Content-Length": Buffer.byteLength(body),
      },
    });
    call.on("error", reject).on("response", (response) => {
      response.resume().on("end", () => {
        if (response.statusCode === 200) resolve();
        else reject(new Error(`A post was answered with ${response.statusCode}.`));
      });
    });
    call.end(body);
  });
}
