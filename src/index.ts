// Owns the plugin's entry: registers the channel with OpenClaw and starts nothing.
import { defineChannelPluginEntry } from "openclaw/plugin-sdk/channel-core";
import { addAdminCommands } from "./admin/commands.ts";
import { registerTools } from "./admin/tools.ts";
import { gotifyChannel } from "./channel.ts";
import { currentConfig } from "./config/host-types.ts";
import { setRuntime } from "./config/runtime.ts";
import { CHANNEL_ID } from "./config/types.ts";
import { registerCommands } from "./operate/cli.ts";
import { findOwnApplicationBy } from "./operate/doctor/own-application.ts";
import { registerHttp } from "./operate/http/routes.ts";
import { registerMethods } from "./operate/methods.ts";
import {
  addDeadLettersCommand,
  registerDeadLettersMethods,
} from "./outbound/commands/dead-letters/command.ts";
import { addSendCommand } from "./outbound/commands/send-command.ts";
import { ownApplications } from "./outbound/target/own-application.ts";

const entry: ReturnType<typeof defineChannelPluginEntry<typeof gotifyChannel>> =
  defineChannelPluginEntry({
    id: CHANNEL_ID,
    name: "Gotify",
    description: "Talk to agents through your own Gotify push server.",
    plugin: gotifyChannel,
    setRuntime(runtime) {
      setRuntime(runtime);
      findOwnApplicationBy(ownApplications.find);
    },
    registerCliMetadata: (api) =>
      registerCommands(api, (gotify) => {
        addSendCommand(gotify);
        addDeadLettersCommand(gotify, async () =>
          (await import("./admin/asking.ts")).askingAtTerminal(),
        );
        addAdminCommands(gotify, ownApplications.find);
      }),
    // Turns see what the host has registered for discovery: a hook of registerFull alone would never be asked.
    registerCapabilities: (api) => {
      registerTools(api, {
        currentConfig: () => currentConfig(api.runtime),
        ownApplication: ownApplications.find,
      });
    },
    registerFull: (api) => {
      registerMethods(api);
      registerHttp(api);
      registerDeadLettersMethods(api);
    },
  });

export default entry;
