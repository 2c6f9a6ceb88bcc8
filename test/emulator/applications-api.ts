// Owns the application endpoints: create, list, change, rotate the token, delete.
import type { Bound, Shape } from "./binding.ts";
import type { Core } from "./core.ts";
import { conflictOf } from "./databases.ts";
import { bindBody, empty, json, problem, type Answer } from "./exchange.ts";
import { applicationJson } from "./present.ts";
import type { ApplicationRecord } from "./records.ts";
import type { Handler, Visit } from "./route.ts";
import { SortKeyError } from "./sort-keys.ts";
import { DuplicateSortKeyError } from "./store.ts";
import { createToken } from "./tokens.ts";

const APPLICATION_SHAPE: Shape = {
  goType: "api.ApplicationParams",
  fields: [
    { name: "name", type: "string", required: true },
    { name: "description", type: "string" },
    { name: "defaultPriority", type: "int" },
    { name: "sortKey", type: "string" },
  ],
};
const SECURITY_SHAPE: Shape = {
  goType: "model.SecurityUpdateAction",
  fields: [{ name: "regenerateToken", type: "bool" }],
};

export const createApplication: Handler = async ({ core, ask, caller }) => {
  const params = await bindBody(APPLICATION_SHAPE, ask, core.personality === "v3");
  if (core.faults.takeRefusedApplication()) return problem(500, conflictOf(core.faults.database));
  const token = createToken(core.personality, "application");
  return withSortKeyErrors(() => {
    const application = core.store.addApplication({
      userId: caller.userId,
      storedToken: token.stored,
      ...settingsFrom(params),
      sortKey: params.text("sortKey") ?? "",
    });
    return json(applicationJson(core, application, token.secret));
  });
};

export const listApplications: Handler = ({ core, caller }) =>
  json(
    core.store
      .applicationsOf(caller.userId)
      .map((application) => applicationJson(core, application, shownInLists(core, application))),
  );

function shownInLists({ personality }: Core, application: ApplicationRecord): string | undefined {
  return personality === "v2" ? application.storedToken : undefined;
}

export const updateApplication: Handler = async (visit) => {
  const { core, ask } = visit;
  const application = ownApplication(visit);
  if (application === undefined) return unknownApplication(visit.id);
  const params = await bindBody(APPLICATION_SHAPE, ask, core.personality === "v3");
  return withSortKeyErrors(() => {
    const sortKey = params.text("sortKey") ?? "";
    if (sortKey !== "") core.store.moveApplication(application, sortKey);
    // A full replacement: what is left out is emptied.
    Object.assign(application, settingsFrom(params));
    return json(applicationJson(core, application, application.storedToken));
  });
};

function settingsFrom(
  params: Bound,
): Pick<ApplicationRecord, "name" | "description" | "defaultPriority"> {
  return {
    name: params.text("name") ?? "",
    description: params.text("description") ?? "",
    defaultPriority: params.integer("defaultPriority") ?? 0n,
  };
}

export const updateApplicationSecurity: Handler = async (visit) => {
  const { core, ask } = visit;
  const application = ownApplication(visit);
  if (application === undefined) return unknownApplication(visit.id);
  const params = await bindBody(SECURITY_SHAPE, ask, true);
  if (!params.flag("regenerateToken")) return json({});
  const token = createToken(core.personality, "application");
  application.storedToken = token.stored;
  return json({ regenerateToken: { token: token.secret } });
};

export const deleteApplication: Handler = (visit) => {
  const application = ownApplication(visit);
  if (application === undefined) return unknownApplication(visit.id);
  visit.core.store.removeApplication(visit.id);
  visit.core.store.removeImage(application.image);
  return empty();
};

/** Somebody else's application is as unknown as one that does not exist. */
export function ownApplication({ core, caller, id }: Visit): ApplicationRecord | undefined {
  const application = core.store.application(id);
  return application?.userId === caller.userId ? application : undefined;
}

export function unknownApplication(id: number): Answer {
  return problem(404, `app with id ${id} doesn't exists`);
}

function withSortKeyErrors(change: () => Answer): Answer {
  try {
    return change();
  } catch (error) {
    if (error instanceof DuplicateSortKeyError) return problem(400, error.message);
    if (error instanceof SortKeyError) return problem(500, error.message);
    throw error;
  }
}
