// Owns the client endpoints: create, list, rename, elevate, delete.
import type { Shape } from "./binding.ts";
import { later } from "./clock.ts";
import { bindBody, empty, json, problem, type Answer } from "./exchange.ts";
import { clientJson } from "./present.ts";
import type { ClientRecord, Personality } from "./records.ts";
import type { Handler, Visit } from "./route.ts";
import { createToken } from "./tokens.ts";

const NAME = { name: "name", type: "string", required: true } as const;
const EXPIRY = { name: "expiresAfterInactivitySeconds", type: "uint", nullable: true } as const;
export const CLIENT_SHAPES: Readonly<Record<Personality, Shape>> = {
  v2: { goType: "api.ClientParams", fields: [NAME] },
  v3: { goType: "api.ClientParams", fields: [NAME, EXPIRY] },
};
const ELEVATE_SHAPE: Shape = {
  goType: "model.ElevateRequest",
  fields: [{ name: "durationSeconds", type: "int", required: true }],
};

export const createClient: Handler = async ({ core, ask, caller }) => {
  const params = await bindBody(CLIENT_SHAPES[core.personality], ask, core.personality === "v3");
  const token = createToken(core.personality, "client");
  const client = core.store.addClient({
    userId: caller.userId,
    storedToken: token.stored,
    name: params.text("name") ?? "",
    expiresAfterInactivitySeconds: params.integer(EXPIRY.name) ?? 0n,
  });
  return json(clientJson(core, client, token.secret));
};

export const listClients: Handler = ({ core, caller }) =>
  json(
    core.store
      .clientsOf(caller.userId)
      .map((client) =>
        clientJson(core, client, core.personality === "v2" ? client.storedToken : undefined),
      ),
  );

export const updateClient: Handler = async (visit) => {
  const { core, ask } = visit;
  const client = ownClient(visit);
  if (client === undefined) return unknownClient(visit.id);
  const params = await bindBody(CLIENT_SHAPES[core.personality], ask, core.personality === "v3");
  client.name = params.text("name") ?? "";
  const expiry = params.integer(EXPIRY.name);
  if (expiry !== undefined) client.expiresAfterInactivitySeconds = expiry;
  return json(clientJson(core, client, client.storedToken));
};

export const elevateClient: Handler = async (visit) => {
  const { core, ask } = visit;
  const params = await bindBody(ELEVATE_SHAPE, ask, true);
  const client = ownClient(visit);
  if (client === undefined) return problem(404, "client not found");
  const seconds = params.integer("durationSeconds") ?? 0n;
  client.elevatedUntil = later(core.clock.now(), seconds);
  return empty(204);
};

export const deleteClient: Handler = (visit) => {
  const client = ownClient(visit);
  if (client === undefined) return unknownClient(visit.id);
  visit.core.streams.closeClient(client.id);
  visit.core.store.removeClient(client.id);
  return empty();
};

function ownClient({ core, caller, id }: Visit): ClientRecord | undefined {
  const client = core.store.client(id);
  return client?.userId === caller.userId ? client : undefined;
}

function unknownClient(id: number): Answer {
  return problem(404, `client with id ${id} doesn't exists`);
}
