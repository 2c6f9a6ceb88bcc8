// Owns the flags of `openclaw channels add gotify`; mirrored into package.json so that they show before the plugin is loaded.

/** One entry for each flag; the key is the flag in camel case. */
export const SETUP_FIELDS = {
  serverUrl: {
    kind: "string",
    cli: { flags: "--server-url <url>", description: "Address of the Gotify server" },
  },
  appToken: {
    kind: "string",
    sensitive: true,
    cli: { flags: "--app-token <token>", description: "Token of the application that answers" },
  },
  clientToken: {
    kind: "string",
    sensitive: true,
    cli: { flags: "--client-token <token>", description: "Token of a client, to receive messages" },
  },
  chatApp: {
    kind: "string",
    cli: {
      flags: "--chat-app <id>",
      description: "Id of the application that you write with: it may talk and give commands",
    },
  },
  useEnv: {
    kind: "boolean",
    cli: {
      flags: "--use-env",
      description: "Leave address and tokens in the GOTIFY_* variables (default account only)",
    },
    envVars: ["GOTIFY_SERVER_URL", "GOTIFY_APP_TOKEN"],
    envVarMode: "all",
  },
  unverified: {
    kind: "boolean",
    cli: {
      flags: "--unverified",
      description: "Write the settings without asking the server whether they work",
    },
  },
} as const;
