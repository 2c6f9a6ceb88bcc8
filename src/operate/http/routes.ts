// Owns the HTTP routes and the tab of the Control UI as they are registered. What a route does is loaded with its first request.
import type { OpenClawPluginApi } from "openclaw/plugin-sdk/channel-core";
import { currentConfig } from "../../config/host-types.ts";
import type { Handler, Handlers } from "./handlers.ts";

const STATUS_PATH = "/gotify/status";

/** Only for the Gateway's own registration: nobody else has a port to answer on. */
export function registerHttp(api: OpenClawPluginApi): void {
  let loading: Promise<Handlers> | undefined;
  const load = (): Promise<Handlers> => {
    loading ??= loadHandlers(api).catch((error: unknown) => {
      loading = undefined;
      throw error;
    });
    return loading;
  };
  const handler =
    (name: keyof Handlers): Handler =>
    async (req, res) =>
      (await load())[name](req, res);

  api.registerHttpRoute({
    path: STATUS_PATH,
    auth: "gateway",
    // The doctor's page lies below it: the pass that the browser gets for the tab is good for one route.
    match: "prefix",
    handler: handler("status"),
  });
  api.registerHttpRoute({ path: "/gotify/doctor", auth: "gateway", handler: handler("doctor") });
  // A monitor must not hold the Gateway's token. What it is told is one word.
  api.registerHttpRoute({ path: "/gotify/health", auth: "plugin", handler: handler("health") });
  api.session.controls.registerControlUiDescriptor({
    surface: "tab",
    id: "status",
    label: "Gotify",
    description:
      "Whether messages get through: each account's state, what is wrong and what to do.",
    icon: "bell",
    path: STATUS_PATH,
    group: "control",
    requiredScopes: ["operator.read"],
  });
}

async function loadHandlers(api: OpenClawPluginApi): Promise<Handlers> {
  const [{ createHandlers }, { gatherStatus, gatewayWorld }, { runDoctor }, runtime] =
    await Promise.all([
      import("./handlers.ts"),
      import("../../vitals/gather.ts"),
      import("../doctor/run.ts"),
      import("openclaw/plugin-sdk/plugin-runtime"),
    ]);
  return createHandlers({
    config: () => currentConfig(api.runtime),
    gatherStatus: (cfg) => gatherStatus(cfg, gatewayWorld),
    runDoctor,
    caller: () => {
      const scope = runtime.getPluginRuntimeGatewayRequestScope();
      return scope && { scopes: scope.client?.connect.scopes, revalidate: scope.revalidate };
    },
    now: Date.now,
  });
}
