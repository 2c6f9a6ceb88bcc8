// Owns the Gateway methods: what may change an account's rows while the Gateway runs. What a method does is loaded when it is called.
import type { OpenClawPluginApi } from "openclaw/plugin-sdk/channel-core";
import { errorText } from "../config/error-text.ts";

export const CONFIRM_GRANTS_METHOD = "gotify.grants.confirm";

export function registerMethods(api: OpenClawPluginApi): void {
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
