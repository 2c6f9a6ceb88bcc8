// Owns the Gateway methods: what the running accounts know of themselves, and what may change their rows. What a method does is loaded when it is called.
import type { OpenClawPluginApi } from "openclaw/plugin-sdk/channel-core";
import { errorText } from "../config/error-text.ts";
import { registerDoctorMethods } from "./doctor/method.ts";

export const CONFIRM_GRANTS_METHOD = "gotify.grants.confirm";
export const STATUS_METHOD = "gotify.status";

export function registerMethods(api: OpenClawPluginApi): void {
  registerDoctorMethods(api);
  api.registerGatewayMethod(
    STATUS_METHOD,
    async ({ params, respond }) => {
      try {
        const { gatherForMethod } = await import("./status-source.ts");
        respond(true, gatherForMethod(params));
      } catch (error) {
        respond(false, undefined, { code: "INVALID_REQUEST", message: errorText(error) });
      }
    },
    { scope: "operator.read" },
  );
  api.registerGatewayMethod(
    CONFIRM_GRANTS_METHOD,
    async ({ params, respond }) => {
      try {
        const { confirmFromParams } = await import("./grants.ts");
        respond(true, confirmFromParams(params));
      } catch (error) {
        respond(false, undefined, { code: "INVALID_REQUEST", message: errorText(error) });
      }
    },
    { scope: "operator.admin" },
  );
}
