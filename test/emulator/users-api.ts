// Owns the user endpoints: the caller's own record, and the few admin calls that tests with two users need.
import type { Shape } from "./binding.ts";
import { bindBody, empty, json, problem } from "./exchange.ts";
import { currentUserJson, userJson } from "./present.ts";
import type { Handler } from "./route.ts";

const USER_SHAPE: Shape = {
  goType: "model.CreateUserExternal",
  fields: [
    { name: "name", type: "string", required: true },
    { name: "admin", type: "bool" },
    { name: "pass", type: "string", required: true },
  ],
};

export const currentUser: Handler = ({ core, caller }) => {
  const user = core.store.user(caller.userId);
  // Only when the user is deleted while this very call is under way.
  if (user === undefined) return problem(500, "user does not exist");
  return json(currentUserJson(core, user, caller.client));
};

export const listUsers: Handler = ({ core }) =>
  json(core.store.users().map((user) => userJson(core, user)));

export const createUser: Handler = async ({ core, ask }) => {
  const params = await bindBody(USER_SHAPE, ask, core.personality === "v3");
  const name = params.text("name") ?? "";
  if (core.store.userByName(name) !== undefined) return problem(400, "username already exists");
  const user = core.store.addUser(name, params.text("pass") ?? "", params.flag("admin"));
  return json(userJson(core, user));
};

export const deleteUser: Handler = ({ core, id }) => {
  const user = core.store.user(id);
  if (user === undefined) return problem(404, "user does not exist");
  const admins = core.store.users().filter(({ admin }) => admin);
  if (user.admin && admins.length === 1) return problem(400, "cannot delete last admin");
  core.streams.closeUser(id);
  core.store.removeUser(id);
  return empty();
};
