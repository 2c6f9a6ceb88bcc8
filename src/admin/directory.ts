// Owns what the host's directory may ask: who the account is, and which applications there are. Loaded when it is asked.
import type { ChannelPlugin } from "openclaw/plugin-sdk/channel-core";
import type { OwnApplication } from "./surroundings.ts";

export type Directory = NonNullable<ChannelPlugin["directory"]>;

/**
 * A plain object: the host's own builders for this would cost every start of its command line more than
 * all of this channel's adapters together.
 */
export function createDirectory(ownApplication: OwnApplication): Directory {
  return {
    self: async (params) => {
      const { describeSelf } = await import("./directory-answers.ts");
      return describeSelf(params, ownApplication);
    },
    listPeers: async (params) => {
      const { configuredPeers } = await import("./directory-answers.ts");
      return configuredPeers(params);
    },
    listPeersLive: async (params) => {
      const { livePeers } = await import("./directory-answers.ts");
      return livePeers(params);
    },
  };
}
