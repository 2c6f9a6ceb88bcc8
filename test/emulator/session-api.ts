// Owns a browser's sessions on Gotify 3: signing in with name and password for a cookie, and signing out.
import { later } from "./clock.ts";
import { CLIENT_SHAPES } from "./clients-api.ts";
import { basicCredentials, COOKIE_MAX_AGE_S, sessionCookie } from "./credentials.ts";
import { databaseProblem } from "./databases.ts";
import { bindBody, empty, json, problem } from "./exchange.ts";
import { currentUserJson } from "./present.ts";
import type { Handler } from "./route.ts";
import { createToken } from "./tokens.ts";

/** How long after signing in a session may do what needs elevation. */
const ELEVATION_S = 60 * 60;

/** No layer in front of it looks at credentials, so tokens and cookies do not matter, and refusals sound different. */
export const login: Handler = async ({ core, ask }) => {
  const credentials = basicCredentials(ask);
  if (credentials === undefined) return problem(401, "basic auth required");
  await core.faults.untilDatabaseThaws();
  if (core.faults.takeDatabaseLoss()) return problem(500, databaseProblem(core.personality));
  const user = core.store.userByName(credentials.name);
  if (user?.password !== credentials.password) return problem(401, "invalid credentials");
  const params = await bindBody(CLIENT_SHAPES.v3, ask, true);
  const token = createToken(core.personality, "client");
  const client = core.store.addClient({
    userId: user.id,
    storedToken: token.stored,
    name: params.text("name") ?? "",
    expiresAfterInactivitySeconds: BigInt(COOKIE_MAX_AGE_S),
  });
  client.elevatedUntil = later(core.clock.now(), BigInt(ELEVATION_S));
  const answer = json(currentUserJson(core, user, client));
  return {
    ...answer,
    headers: { ...answer.headers, "set-cookie": sessionCookie(token.secret, COOKIE_MAX_AGE_S) },
  };
};

/** Ends the session for good: its client is deleted, whichever way its token came. */
export const logout: Handler = ({ core, caller }) => {
  const answer = caller.client === undefined ? problem(403, "no client auth provided") : empty();
  if (caller.client !== undefined) {
    core.streams.closeClient(caller.client.id);
    core.store.removeClient(caller.client.id);
  }
  // 0 seconds: the browser forgets it.
  return { ...answer, headers: { ...answer.headers, "set-cookie": sessionCookie("", 0) } };
};
