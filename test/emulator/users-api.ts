// Owns the user endpoints: the caller's own record and password, and what admins do with everybody's.
import type { Shape } from "./binding.ts";
import type { Core } from "./core.ts";
import { bindBody, empty, json, problem, type Answer } from "./exchange.ts";
import { currentUserJson, userJson } from "./present.ts";
import type { UserRecord } from "./records.ts";
import type { Handler } from "./route.ts";

const NAME = { name: "name", type: "string", required: true } as const;
const ADMIN = { name: "admin", type: "bool" } as const;
const PASS = { name: "pass", type: "string" } as const;
const CREATE_SHAPE: Shape = {
  goType: "model.CreateUserExternal",
  fields: [NAME, ADMIN, { ...PASS, required: true }],
};
const UPDATE_SHAPE: Shape = {
  goType: "model.UpdateUserExternal",
  fields: [NAME, ADMIN, PASS],
  isPointer: true,
};
const PASSWORD_SHAPE: Shape = {
  goType: "model.UserExternalPass",
  fields: [{ ...PASS, required: true }],
};

export const currentUser: Handler = ({ core, caller }) => {
  const user = core.store.user(caller.userId);
  // Only when the user is deleted while this very call is under way.
  if (user === undefined) return problem(500, "user does not exist");
  return json(currentUserJson(core, user, caller.client));
};

/** Streams and tokens of the user live on. */
export const changePassword: Handler = async ({ core, ask, caller }) => {
  const params = await bindBody(PASSWORD_SHAPE, ask, core.personality === "v3");
  const user = core.store.user(caller.userId);
  if (user === undefined) return problem(500, "user does not exist");
  user.password = params.text("pass") ?? "";
  return empty();
};

export const listUsers: Handler = ({ core }) =>
  json(core.store.users().map((user) => userJson(core, user)));

export const getUser: Handler = ({ core, id }) => {
  const user = core.store.user(id);
  return user === undefined ? unknownUser() : json(userJson(core, user));
};

/** For admins, and where anybody may register for everybody; so, what is asked for is read before who asks. */
export const createUser: Handler = async ({ core, ask, caller }) => {
  const params = await bindBody(CREATE_SHAPE, ask, core.personality === "v3");
  const name = params.text("name") ?? "";
  const isAdmin = params.flag("admin");
  // Also when nobody asked the database for credentials.
  await core.faults.untilDatabaseThaws();
  const refusal = refusalToCreate(core, caller.userId, isAdmin);
  if (refusal !== undefined) return refusal;
  if (core.store.userByName(name) !== undefined) return problem(400, "username already exists");
  return json(userJson(core, core.store.addUser(name, params.text("pass") ?? "", isAdmin)));
};

function refusalToCreate(
  { store, registration }: Core,
  callerId: number,
  isAdmin: boolean,
): Answer | undefined {
  const caller = store.user(callerId);
  if (caller?.admin === true) return undefined;
  const status = caller === undefined ? 401 : 403;
  if (!registration) return problem(status, "you are not allowed to access this api");
  return isAdmin ? problem(status, "you are not allowed to create an admin user") : undefined;
}

/** A full replacement, but for a password that is left out. */
export const updateUser: Handler = async ({ core, ask, id }) => {
  const params = await bindBody(UPDATE_SHAPE, ask, core.personality === "v3");
  const user = core.store.user(id);
  if (user === undefined) return unknownUser();
  const isAdmin = params.flag("admin");
  if (!isAdmin && isLastAdmin(core, user)) return lastAdmin();
  const name = params.text("name") ?? "";
  const namesake = core.store.userByName(name);
  if (namesake !== undefined && namesake.id !== id)
    return problem(500, "duplicated key not allowed");
  Object.assign(user, { name, admin: isAdmin });
  user.password = params.text("pass") || user.password;
  return json(userJson(core, user));
};

export const deleteUser: Handler = ({ core, id }) => {
  const user = core.store.user(id);
  if (user === undefined) return unknownUser();
  if (isLastAdmin(core, user)) return lastAdmin();
  core.streams.closeUser(id);
  core.store.removeUser(id);
  return empty();
};

function isLastAdmin({ store }: Core, user: UserRecord): boolean {
  return user.admin && store.users().filter(({ admin }) => admin).length === 1;
}

function lastAdmin(): Answer {
  return problem(400, "cannot delete last admin");
}

function unknownUser(): Answer {
  return problem(404, "user does not exist");
}
