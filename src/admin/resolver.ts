// Owns `openclaw channels resolve`: names into ids, and an honest no for what is not there. Loaded when it is asked.
import type { ChannelPlugin } from "openclaw/plugin-sdk/channel-core";

export type Resolver = NonNullable<ChannelPlugin["resolver"]>;

export const resolver: Resolver = {
  resolveTargets: async (params) => {
    const { resolveNames } = await import("./resolver-answers.ts");
    return resolveNames(params);
  },
};
