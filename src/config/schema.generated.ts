// Generated from schema.zod.ts by `npm run generate`; the entries load this instead of Zod, which is slow to start.
export const CHANNEL_JSON_SCHEMA = {
  $schema: "http://json-schema.org/draft-07/schema#",
  type: "object",
  properties: {
    enabled: {
      description: "Whether the account is used. Default: true.",
      type: "boolean",
    },
    name: {
      description: "A name for lists and status.",
      type: "string",
    },
    serverUrl: {
      description:
        "Address of the Gotify server, with its sub-path if it has one, e.g. https://push.example.com.",
      type: "string",
    },
    appToken: {
      description: "Token of the Gotify application that answers are posted to.",
      type: "string",
    },
    clientToken: {
      description: "Token of a Gotify client; needed to receive messages.",
      type: "string",
    },
    defaultPriority: {
      description:
        "Priority of answers: 0 is silent, 4 to 7 make a sound, 8 and more are urgent. Default: 5.",
      type: "integer",
      minimum: -9007199254740991,
      maximum: 9007199254740991,
    },
    dmPolicy: {
      description:
        'Which applications may talk to the agent: pairing asks the operator, allowlist takes only allowFrom, open needs "*" in allowFrom, disabled takes none. Default: pairing.',
      type: "string",
      enum: ["pairing", "allowlist", "open", "disabled"],
    },
    allowFrom: {
      description: "Ids of the Gotify applications that may talk to the agent, e.g. 5.",
      type: "array",
      items: {
        type: ["string", "number"],
      },
    },
    inbound: {
      type: "object",
      properties: {
        enabled: {
          description:
            "Receive messages over the stream. Default: true when there is a client token.",
          type: "boolean",
        },
        reconnectDelayMs: {
          description:
            "Upper bound of the first wait before reconnecting, in milliseconds; doubled with each failure. Default: 2000.",
          type: "integer",
          minimum: 100,
          maximum: 600000,
        },
        maxReconnectDelayMs: {
          description:
            "Upper bound of any wait before reconnecting, in milliseconds. Default: 30000.",
          type: "integer",
          minimum: 100,
          maximum: 3600000,
        },
        maxReconnectAttempts: {
          description:
            "Failed connections in a row before the account gives up. Default: 0, which never gives up.",
          type: "integer",
          minimum: 0,
          maximum: 9007199254740991,
        },
      },
      additionalProperties: false,
      description: "The stream that messages come in by.",
    },
    defaultAccount: {
      description:
        "The account used when none is named. Default: the one called default, or the first.",
      type: "string",
    },
    accounts: {
      description: "Several Gotify servers or users, by account id.",
      type: "object",
      propertyNames: {
        type: "string",
      },
      additionalProperties: {
        type: "object",
        properties: {
          enabled: {
            description: "Whether the account is used. Default: true.",
            type: "boolean",
          },
          name: {
            description: "A name for lists and status.",
            type: "string",
          },
          serverUrl: {
            description:
              "Address of the Gotify server, with its sub-path if it has one, e.g. https://push.example.com.",
            type: "string",
          },
          appToken: {
            description: "Token of the Gotify application that answers are posted to.",
            type: "string",
          },
          clientToken: {
            description: "Token of a Gotify client; needed to receive messages.",
            type: "string",
          },
          defaultPriority: {
            description:
              "Priority of answers: 0 is silent, 4 to 7 make a sound, 8 and more are urgent. Default: 5.",
            type: "integer",
            minimum: -9007199254740991,
            maximum: 9007199254740991,
          },
          dmPolicy: {
            description:
              'Which applications may talk to the agent: pairing asks the operator, allowlist takes only allowFrom, open needs "*" in allowFrom, disabled takes none. Default: pairing.',
            type: "string",
            enum: ["pairing", "allowlist", "open", "disabled"],
          },
          allowFrom: {
            description: "Ids of the Gotify applications that may talk to the agent, e.g. 5.",
            type: "array",
            items: {
              type: ["string", "number"],
            },
          },
          inbound: {
            type: "object",
            properties: {
              enabled: {
                description:
                  "Receive messages over the stream. Default: true when there is a client token.",
                type: "boolean",
              },
              reconnectDelayMs: {
                description:
                  "Upper bound of the first wait before reconnecting, in milliseconds; doubled with each failure. Default: 2000.",
                type: "integer",
                minimum: 100,
                maximum: 600000,
              },
              maxReconnectDelayMs: {
                description:
                  "Upper bound of any wait before reconnecting, in milliseconds. Default: 30000.",
                type: "integer",
                minimum: 100,
                maximum: 3600000,
              },
              maxReconnectAttempts: {
                description:
                  "Failed connections in a row before the account gives up. Default: 0, which never gives up.",
                type: "integer",
                minimum: 0,
                maximum: 9007199254740991,
              },
            },
            additionalProperties: false,
            description: "The stream that messages come in by.",
          },
        },
        additionalProperties: false,
      },
    },
  },
  additionalProperties: false,
} as const;

export const CHANNEL_UI_HINTS = {
  serverUrl: {
    label: "Server URL",
    placeholder: "https://push.example.com",
  },
  appToken: {
    label: "Application token",
    sensitive: true,
  },
  clientToken: {
    label: "Client token",
    sensitive: true,
  },
  defaultPriority: {
    label: "Priority of answers",
  },
  dmPolicy: {
    label: "Who may talk",
  },
  allowFrom: {
    label: "Allowed applications",
  },
  "inbound.enabled": {
    label: "Receive messages",
  },
  "inbound.reconnectDelayMs": {
    label: "First reconnect delay (ms)",
    advanced: true,
  },
  "inbound.maxReconnectDelayMs": {
    label: "Longest reconnect delay (ms)",
    advanced: true,
  },
  "inbound.maxReconnectAttempts": {
    label: "Reconnect attempts (0: no end)",
    advanced: true,
  },
  "accounts.*.appToken": {
    label: "Application token",
    sensitive: true,
  },
  "accounts.*.clientToken": {
    label: "Client token",
    sensitive: true,
  },
} as const;
