// Owns the light entry: what setup and the status of a switched-off channel need, without anything that runs.
import { defineSetupPluginEntry } from "openclaw/plugin-sdk/channel-core";
import { channelBase } from "./channel-base.ts";

const entry: { plugin: typeof channelBase } = defineSetupPluginEntry(channelBase);

export default entry;
