// Owns the way of a request through the emulated server: origin, route, credentials, endpoint.
import {
  createApplication,
  deleteApplication,
  listApplications,
  updateApplication,
  updateApplicationSecurity,
} from "./applications-api.ts";
import { authenticate, isRefusal, needsDatabase, type Caller, type Refusal } from "./auth.ts";
import { BindingError, HandlerPanic, parseId } from "./binding.ts";
import {
  createClient,
  deleteClient,
  elevateClient,
  listClients,
  updateClient,
} from "./clients-api.ts";
import type { Core } from "./core.ts";
import { empty, problem, type Answer, type Ask } from "./exchange.ts";
import { deleteApplicationImage, image, uploadApplicationImage } from "./images-api.ts";
import { refuseHandshake } from "./handshake.ts";
import {
  deleteApplicationMessages,
  deleteMessage,
  deleteMessages,
  listApplicationMessages,
  listMessages,
  postMessage,
} from "./messages-api.ts";
import { listPlugins, unknownPlugin } from "./plugins-api.ts";
import type { Route } from "./route.ts";
import { gotifyInfo, health, page, staticFile, version } from "./server-api.ts";
import { login, logout } from "./session-api.ts";
import {
  changePassword,
  createUser,
  currentUser,
  deleteUser,
  getUser,
  listUsers,
  updateUser,
} from "./users-api.ts";

const ROUTES: readonly Route[] = [
  { method: "GET", path: "/", access: "open", handle: page },
  { method: "GET", path: "/health", access: "open", handle: health },
  { method: "HEAD", path: "/health", access: "open", handle: health },
  { method: "GET", path: "/version", access: "open", handle: version },
  { method: "GET", path: "/gotifyinfo", access: "open", only: "v3", handle: gotifyInfo },
  { method: "POST", path: "/message", access: "poster", handle: postMessage },
  { method: "GET", path: "/message", access: "client", handle: listMessages },
  { method: "DELETE", path: "/message", access: "client", handle: deleteMessages },
  { method: "DELETE", path: "/message/:id", access: "client", handle: deleteMessage },
  { method: "GET", path: "/application", access: "client", handle: listApplications },
  { method: "POST", path: "/application", access: "client", handle: createApplication },
  { method: "PUT", path: "/application/:id", access: "client", handle: updateApplication },
  { method: "DELETE", path: "/application/:id", access: "elevated", handle: deleteApplication },
  {
    method: "PUT",
    path: "/application/:id/security",
    access: "elevated",
    only: "v3",
    handle: updateApplicationSecurity,
  },
  {
    method: "GET",
    path: "/application/:id/message",
    access: "client",
    handle: listApplicationMessages,
  },
  {
    method: "DELETE",
    path: "/application/:id/message",
    access: "client",
    handle: deleteApplicationMessages,
  },
  {
    method: "POST",
    path: "/application/:id/image",
    access: "client",
    handle: uploadApplicationImage,
  },
  {
    method: "DELETE",
    path: "/application/:id/image",
    access: "client",
    handle: deleteApplicationImage,
  },
  { method: "GET", path: "/image/:file", access: "open", handle: image },
  { method: "HEAD", path: "/image/:file", access: "open", handle: image },
  { method: "GET", path: "/static/:file", access: "open", handle: staticFile },
  { method: "GET", path: "/client", access: "client", handle: listClients },
  { method: "POST", path: "/client", access: "client", handle: createClient },
  { method: "PUT", path: "/client/:id", access: "client", handle: updateClient },
  { method: "DELETE", path: "/client/:id", access: "elevated", handle: deleteClient },
  {
    method: "POST",
    path: "/client/:id/elevate",
    access: "elevated",
    only: "v3",
    handle: elevateClient,
  },
  { method: "GET", path: "/current/user", access: "client", handle: currentUser },
  {
    method: "POST",
    path: "/current/user/password",
    access: "elevated",
    handle: changePassword,
  },
  { method: "GET", path: "/user", access: "admin", handle: listUsers },
  { method: "POST", path: "/user", access: "anybody", handle: createUser },
  { method: "GET", path: "/user/:id", access: "admin", handle: getUser },
  { method: "POST", path: "/user/:id", access: "admin", handle: updateUser },
  { method: "DELETE", path: "/user/:id", access: "admin", handle: deleteUser },
  { method: "POST", path: "/auth/local/login", access: "open", only: "v3", handle: login },
  { method: "POST", path: "/auth/logout", access: "client", only: "v3", handle: logout },
  { method: "GET", path: "/plugin", access: "client", handle: listPlugins },
  { method: "GET", path: "/plugin/:id/config", access: "client", handle: unknownPlugin },
  { method: "POST", path: "/plugin/:id/config", access: "client", handle: unknownPlugin },
  { method: "GET", path: "/plugin/:id/display", access: "client", handle: unknownPlugin },
  { method: "POST", path: "/plugin/:id/enable", access: "client", handle: unknownPlugin },
  { method: "POST", path: "/plugin/:id/disable", access: "client", handle: unknownPlugin },
  // A handshake that holds takes another way; whatever arrives here is none.
  { method: "GET", path: "/stream", access: "client", handle: refuseHandshake },
];

/** A path that cannot be decoded does not get past the first layer. */
const BAD_TARGET: Answer = {
  status: 400,
  headers: { "content-type": "text/plain; charset=utf-8", connection: "close" },
  body: "400 Bad Request",
};

/** What these give out is served outside the layer that looks at the origin. */
const ANY_ORIGIN = /^\/(health|(image|static)(\/.*)?)?$/;

export async function answer(core: Core, ask: Ask): Promise<Answer> {
  const path = ask.route;
  if (path === undefined) return BAD_TARGET;
  const match = findRoute(core, ask.method, path);
  if (match === undefined && path !== "/") {
    const other = path.endsWith("/") ? path.slice(0, -1) : `${path}/`;
    if (findRoute(core, ask.method, other) !== undefined) return redirect(ask, other);
  }
  if ((match === undefined || !ANY_ORIGIN.test(path)) && isForeignOrigin(ask)) return empty(403);
  if (match === undefined)
    return ask.method === "OPTIONS" ? empty() : problem(404, "page not found");

  const { route } = match;
  if (route.access !== "open" && needsDatabase(core, ask)) await core.faults.untilDatabaseThaws();
  const caller = callerFor(core, ask, route);
  const said = isRefusal(caller)
    ? problem(caller.status, caller.description)
    : await visit(core, ask, caller, match);
  const cookie = caller.setCookie === undefined ? {} : { "set-cookie": caller.setCookie };
  // The server sends both cookies then; the later one, which is the endpoint's, counts.
  return { ...said, headers: { ...cookie, ...said.headers } };
}

async function visit(
  core: Core,
  ask: Ask,
  caller: Caller,
  { route, rawId }: Match,
): Promise<Answer> {
  const id = rawId === undefined ? 0 : parseId(rawId);
  if (id === undefined) return problem(400, "invalid id");
  try {
    return await route.handle({ core, ask, caller, id });
  } catch (error) {
    if (error instanceof BindingError) return problem(400, error.message);
    if (error instanceof HandlerPanic) return empty(500);
    throw error;
  }
}

/** Browsers send one. What the server is called by is not foreign, whatever the scheme. */
export function isForeignOrigin(ask: Ask): boolean {
  const { origin, host } = ask.headers;
  // An empty one is none.
  if (origin === undefined || origin === "") return false;
  return origin !== `http://${host}` && origin !== `https://${host}`;
}

function callerFor(core: Core, ask: Ask, route: Route): Caller | Refusal {
  return route.access === "open" ? { userId: 0 } : authenticate(core, ask, route.access);
}

interface Match {
  readonly route: Route;
  readonly rawId: string | undefined;
}

function findRoute(core: Core, method: string, path: string): Match | undefined {
  for (const route of ROUTES) {
    if (route.method !== method || (route.only ?? core.personality) !== core.personality) continue;
    const match = patternOf(route).exec(path);
    if (match !== null) return { route, rawId: match[1] };
  }
  return undefined;
}

function patternOf({ path }: Route): RegExp {
  return new RegExp(`^${path.replace(":id", "([^/]+)").replace(":file", ".*")}$`);
}

/** A trailing slash too many, or one missing. The method is kept except for GET, so a redirected DELETE still deletes. */
function redirect(ask: Ask, path: string): Answer {
  const location = `${path}${ask.search}`;
  if (ask.method !== "GET") return { status: 307, headers: { location } };
  return {
    status: 301,
    headers: { location, "content-type": "text/html; charset=utf-8" },
    body: `<a href="${location}">Moved Permanently</a>.\n\n`,
  };
}
