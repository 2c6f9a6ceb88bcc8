// Owns a real Gotify with what a measurement needs in it: the operator's binary, a throw-away server, applications and clients.
import { startRealServer } from "../test/contract/real-server.ts";
import type { Town } from "./emulator-process.ts";
import { postAll } from "./senders.ts";

const ADMIN = { user: "admin", password: "bench" };
const STORING_SENDERS = 16;

/** Ends with this process, however that ends. */
export async function startRealTown(
  binary: string,
  wanted: { readonly applications: number; readonly clients: number },
): Promise<Town> {
  const { url } = await startRealServer({
    binary,
    ...ADMIN,
    pingPeriodSeconds: 45,
    registration: false,
  });
  const make = async (path: string, count: number): Promise<{ id: number; token: string }[]> => {
    const made: { id: number; token: string }[] = [];
    for (let index = 1; index <= count; index += 1) made.push(await create(url, path, index));
    return made;
  };
  const clients = await make("/client", wanted.clients);
  return {
    url,
    clientTokens: clients.map(({ token }) => token),
    applications: await make("/application", wanted.applications),
  };
}

async function create(
  url: string,
  path: string,
  index: number,
): Promise<{ id: number; token: string }> {
  const response = await fetch(`${url}${path}`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      authorization: `Basic ${btoa(`${ADMIN.user}:${ADMIN.password}`)}`,
    },
    body: JSON.stringify({ name: `bench ${index}` }),
  });
  const made: unknown = await response.json();
  const id: unknown = typeof made === "object" && made !== null && Reflect.get(made, "id");
  const token: unknown = typeof made === "object" && made !== null && Reflect.get(made, "token");
  if (typeof id === "number" && typeof token === "string") return { id, token };
  throw new Error(`POST ${path} was answered with ${response.status}.`);
}

/** By the applications in turn, as fast as the server takes them. */
export async function storeInTown(town: Town, count: number): Promise<void> {
  await postAll(town, count, STORING_SENDERS);
}
