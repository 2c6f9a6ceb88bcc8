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
    appTokenFile: {
      description:
        "Path of a file that holds nothing but the application's token: a regular file, not a symbolic link. Ignored where appToken is set.",
      type: "string",
    },
    clientToken: {
      description: "Token of a Gotify client; needed to receive messages.",
      type: "string",
    },
    clientTokenFile: {
      description:
        "Path of a file that holds nothing but the client's token: a regular file, not a symbolic link. Ignored where clientToken is set.",
      type: "string",
    },
    defaultPriority: {
      description:
        "Priority of answers: a whole number (0 is hidden and silent, 4 to 7 make a sound, 8 and more show over everything) or min (0), low (2), normal (5), high (8), max (10). Default: 5.",
      anyOf: [
        {
          type: "integer",
          minimum: -9007199254740991,
          maximum: 9007199254740991,
        },
        {
          type: "string",
          enum: ["min", "low", "normal", "high", "max"],
        },
      ],
    },
    priorities: {
      description: "Priorities of messages that are no ordinary answers.",
      type: "object",
      properties: {
        error: {
          description: "Priority of a message that says that a turn failed. Default: 8.",
          anyOf: [
            {
              type: "integer",
              minimum: -9007199254740991,
              maximum: 9007199254740991,
            },
            {
              type: "string",
              enum: ["min", "low", "normal", "high", "max"],
            },
          ],
        },
        approval: {
          description: "Priority of a message that asks for an approval. Default: 8.",
          anyOf: [
            {
              type: "integer",
              minimum: -9007199254740991,
              maximum: 9007199254740991,
            },
            {
              type: "string",
              enum: ["min", "low", "normal", "high", "max"],
            },
          ],
        },
        quiet: {
          description:
            "Priority of silent messages, and of every part but the first of an answer that was split. Default: 0.",
          anyOf: [
            {
              type: "integer",
              minimum: -9007199254740991,
              maximum: 9007199254740991,
            },
            {
              type: "string",
              enum: ["min", "low", "normal", "high", "max"],
            },
          ],
        },
      },
      additionalProperties: false,
    },
    applications: {
      description: "What is different for one application's conversation, by the application's id.",
      type: "object",
      propertyNames: {
        type: "string",
      },
      additionalProperties: {
        type: "object",
        properties: {
          priority: {
            description: "Priority of answers in this application's conversation.",
            anyOf: [
              {
                type: "integer",
                minimum: -9007199254740991,
                maximum: 9007199254740991,
              },
              {
                type: "string",
                enum: ["min", "low", "normal", "high", "max"],
              },
            ],
          },
        },
        additionalProperties: false,
      },
    },
    title: {
      description:
        "Title of answers. {agent} stands for the agent's name, {account} for the account's, {app} for the application that is answered. Default: the answer's heading if it begins with one, otherwise the agent's name.",
      type: "string",
      maxLength: 1000,
    },
    replyTo: {
      description:
        "Which application an answer is posted to: account is the one of appToken, origin the one the message came from. Default: account.",
      type: "string",
      enum: ["account", "origin"],
    },
    partBytes: {
      description:
        "Length of one message's text in UTF-8 bytes; a longer answer becomes several messages. Default: 3500.",
      type: "integer",
      minimum: 500,
      maximum: 60000,
    },
    fromAgents: {
      description: "What an agent may put into a message beside text and web links.",
      type: "object",
      properties: {
        intentUrls: {
          description: "Whether an agent may have Android open an intent URL. Default: false.",
          type: "boolean",
        },
        extras: {
          description: "Whether an agent may add extras of its own. Default: false.",
          type: "boolean",
        },
        imageHosts: {
          description:
            "Hosts whose images an agent may show in a message, e.g. cams.example.com; others become links, because loading an image tells its host who reads it. Default: none.",
          type: "array",
          items: {
            type: "string",
          },
        },
      },
      additionalProperties: false,
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
    commandsFrom: {
      description:
        "Ids of the Gotify applications whose text commands, such as /stop and /status, are carried out. For all others a leading slash is plain text. Default: none.",
      type: "array",
      items: {
        anyOf: [
          {
            type: "string",
            pattern: "^(?:gotify:)?(?:app:)?[1-9][0-9]*$",
          },
          {
            type: "integer",
            minimum: 1,
            maximum: 9007199254740991,
          },
        ],
      },
    },
    approvers: {
      description:
        "Ids of the Gotify applications that may answer approval requests with /approve, besides the owners in commands.ownerAllowFrom. Default: none.",
      type: "array",
      items: {
        anyOf: [
          {
            type: "string",
            pattern: "^(?:gotify:)?(?:app:)?[1-9][0-9]*$",
          },
          {
            type: "integer",
            minimum: 1,
            maximum: 9007199254740991,
          },
        ],
      },
    },
    pairing: {
      description: "How unknown applications are let in under dmPolicy pairing.",
      type: "object",
      properties: {
        replies: {
          description:
            "Whether an unknown application is answered with a pairing code, and told when it has been approved. When false, the request is only listed by `openclaw pairing list gotify`. Default: true.",
          type: "boolean",
        },
      },
      additionalProperties: false,
    },
    botLoopProtection: {
      description: "Stops two agents that answer each other; the host's own guard.",
      type: "object",
      properties: {
        enabled: {
          description: "Default: true.",
          type: "boolean",
        },
        maxEventsPerWindow: {
          description: "Messages two agents may exchange within the window. Default: 20.",
          type: "integer",
          minimum: 1,
          maximum: 9007199254740991,
        },
        windowSeconds: {
          description: "Default: 600.",
          type: "integer",
          minimum: 1,
          maximum: 9007199254740991,
        },
        cooldownSeconds: {
          description: "Default: 60.",
          type: "integer",
          minimum: 1,
          maximum: 9007199254740991,
        },
      },
      additionalProperties: false,
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
        catchUp: {
          description: "What was posted while the account was not connected.",
          type: "object",
          properties: {
            firstStart: {
              description:
                "How many of the messages that are already stored the very first start answers. Default: none.",
              anyOf: [
                {
                  type: "string",
                  const: "none",
                },
                {
                  type: "integer",
                  minimum: 0,
                  maximum: 10000,
                },
              ],
            },
            maxMessages: {
              description:
                "How many missed messages are answered after an outage, the newest of them; older ones are skipped and the log says so. Default: 2000.",
              type: "integer",
              minimum: 0,
              maximum: 100000,
            },
            maxAgeMinutes: {
              description:
                "How old a missed message may be to be answered, in minutes; older ones are skipped and the log says so. Default: 1440, one day.",
              type: "integer",
              minimum: 1,
              maximum: 525600,
            },
          },
          additionalProperties: false,
        },
        applications: {
          description:
            'Ids of the applications that are watched, e.g. 5. Default: "*", all of them.',
          type: "array",
          items: {
            anyOf: [
              {
                anyOf: [
                  {
                    type: "string",
                    pattern: "^(?:gotify:)?(?:app:)?[1-9][0-9]*$",
                  },
                  {
                    type: "integer",
                    minimum: 1,
                    maximum: 9007199254740991,
                  },
                ],
              },
              {
                type: "string",
                const: "*",
              },
            ],
          },
        },
        afterHandled: {
          description:
            "What happens to a message on the server once the agent has taken it up: keep leaves it for every phone, delete removes it. Answers are never deleted. Default: keep.",
          type: "string",
          enum: ["keep", "delete"],
        },
        minPriority: {
          description:
            "Messages with a lower priority are noted and not handed to the agent. Default: all are handed on.",
          type: "integer",
          minimum: -9007199254740991,
          maximum: 9007199254740991,
        },
        imageHosts: {
          description:
            "Hosts whose images may be fetched and shown to the agent, e.g. cams.example.com. Default: none.",
          type: "array",
          items: {
            type: "string",
          },
        },
        ignore: {
          description:
            "Ids of the applications that are never sent a pairing code, such as machines that only report. Default: none.",
          type: "array",
          items: {
            anyOf: [
              {
                type: "string",
                pattern: "^(?:gotify:)?(?:app:)?[1-9][0-9]*$",
              },
              {
                type: "integer",
                minimum: 1,
                maximum: 9007199254740991,
              },
            ],
          },
        },
        peerIdFrom: {
          description:
            'Ids of the applications whose messages may name their conversation in extras.openclaw.peerId. Default: "*", every application that may talk.',
          type: "array",
          items: {
            anyOf: [
              {
                anyOf: [
                  {
                    type: "string",
                    pattern: "^(?:gotify:)?(?:app:)?[1-9][0-9]*$",
                  },
                  {
                    type: "integer",
                    minimum: 1,
                    maximum: 9007199254740991,
                  },
                ],
              },
              {
                type: "string",
                const: "*",
              },
            ],
          },
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
          appTokenFile: {
            description:
              "Path of a file that holds nothing but the application's token: a regular file, not a symbolic link. Ignored where appToken is set.",
            type: "string",
          },
          clientToken: {
            description: "Token of a Gotify client; needed to receive messages.",
            type: "string",
          },
          clientTokenFile: {
            description:
              "Path of a file that holds nothing but the client's token: a regular file, not a symbolic link. Ignored where clientToken is set.",
            type: "string",
          },
          defaultPriority: {
            description:
              "Priority of answers: a whole number (0 is hidden and silent, 4 to 7 make a sound, 8 and more show over everything) or min (0), low (2), normal (5), high (8), max (10). Default: 5.",
            anyOf: [
              {
                type: "integer",
                minimum: -9007199254740991,
                maximum: 9007199254740991,
              },
              {
                type: "string",
                enum: ["min", "low", "normal", "high", "max"],
              },
            ],
          },
          priorities: {
            description: "Priorities of messages that are no ordinary answers.",
            type: "object",
            properties: {
              error: {
                description: "Priority of a message that says that a turn failed. Default: 8.",
                anyOf: [
                  {
                    type: "integer",
                    minimum: -9007199254740991,
                    maximum: 9007199254740991,
                  },
                  {
                    type: "string",
                    enum: ["min", "low", "normal", "high", "max"],
                  },
                ],
              },
              approval: {
                description: "Priority of a message that asks for an approval. Default: 8.",
                anyOf: [
                  {
                    type: "integer",
                    minimum: -9007199254740991,
                    maximum: 9007199254740991,
                  },
                  {
                    type: "string",
                    enum: ["min", "low", "normal", "high", "max"],
                  },
                ],
              },
              quiet: {
                description:
                  "Priority of silent messages, and of every part but the first of an answer that was split. Default: 0.",
                anyOf: [
                  {
                    type: "integer",
                    minimum: -9007199254740991,
                    maximum: 9007199254740991,
                  },
                  {
                    type: "string",
                    enum: ["min", "low", "normal", "high", "max"],
                  },
                ],
              },
            },
            additionalProperties: false,
          },
          applications: {
            description:
              "What is different for one application's conversation, by the application's id.",
            type: "object",
            propertyNames: {
              type: "string",
            },
            additionalProperties: {
              type: "object",
              properties: {
                priority: {
                  description: "Priority of answers in this application's conversation.",
                  anyOf: [
                    {
                      type: "integer",
                      minimum: -9007199254740991,
                      maximum: 9007199254740991,
                    },
                    {
                      type: "string",
                      enum: ["min", "low", "normal", "high", "max"],
                    },
                  ],
                },
              },
              additionalProperties: false,
            },
          },
          title: {
            description:
              "Title of answers. {agent} stands for the agent's name, {account} for the account's, {app} for the application that is answered. Default: the answer's heading if it begins with one, otherwise the agent's name.",
            type: "string",
            maxLength: 1000,
          },
          replyTo: {
            description:
              "Which application an answer is posted to: account is the one of appToken, origin the one the message came from. Default: account.",
            type: "string",
            enum: ["account", "origin"],
          },
          partBytes: {
            description:
              "Length of one message's text in UTF-8 bytes; a longer answer becomes several messages. Default: 3500.",
            type: "integer",
            minimum: 500,
            maximum: 60000,
          },
          fromAgents: {
            description: "What an agent may put into a message beside text and web links.",
            type: "object",
            properties: {
              intentUrls: {
                description:
                  "Whether an agent may have Android open an intent URL. Default: false.",
                type: "boolean",
              },
              extras: {
                description: "Whether an agent may add extras of its own. Default: false.",
                type: "boolean",
              },
              imageHosts: {
                description:
                  "Hosts whose images an agent may show in a message, e.g. cams.example.com; others become links, because loading an image tells its host who reads it. Default: none.",
                type: "array",
                items: {
                  type: "string",
                },
              },
            },
            additionalProperties: false,
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
          commandsFrom: {
            description:
              "Ids of the Gotify applications whose text commands, such as /stop and /status, are carried out. For all others a leading slash is plain text. Default: none.",
            type: "array",
            items: {
              anyOf: [
                {
                  type: "string",
                  pattern: "^(?:gotify:)?(?:app:)?[1-9][0-9]*$",
                },
                {
                  type: "integer",
                  minimum: 1,
                  maximum: 9007199254740991,
                },
              ],
            },
          },
          approvers: {
            description:
              "Ids of the Gotify applications that may answer approval requests with /approve, besides the owners in commands.ownerAllowFrom. Default: none.",
            type: "array",
            items: {
              anyOf: [
                {
                  type: "string",
                  pattern: "^(?:gotify:)?(?:app:)?[1-9][0-9]*$",
                },
                {
                  type: "integer",
                  minimum: 1,
                  maximum: 9007199254740991,
                },
              ],
            },
          },
          pairing: {
            description: "How unknown applications are let in under dmPolicy pairing.",
            type: "object",
            properties: {
              replies: {
                description:
                  "Whether an unknown application is answered with a pairing code, and told when it has been approved. When false, the request is only listed by `openclaw pairing list gotify`. Default: true.",
                type: "boolean",
              },
            },
            additionalProperties: false,
          },
          botLoopProtection: {
            description: "Stops two agents that answer each other; the host's own guard.",
            type: "object",
            properties: {
              enabled: {
                description: "Default: true.",
                type: "boolean",
              },
              maxEventsPerWindow: {
                description: "Messages two agents may exchange within the window. Default: 20.",
                type: "integer",
                minimum: 1,
                maximum: 9007199254740991,
              },
              windowSeconds: {
                description: "Default: 600.",
                type: "integer",
                minimum: 1,
                maximum: 9007199254740991,
              },
              cooldownSeconds: {
                description: "Default: 60.",
                type: "integer",
                minimum: 1,
                maximum: 9007199254740991,
              },
            },
            additionalProperties: false,
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
              catchUp: {
                description: "What was posted while the account was not connected.",
                type: "object",
                properties: {
                  firstStart: {
                    description:
                      "How many of the messages that are already stored the very first start answers. Default: none.",
                    anyOf: [
                      {
                        type: "string",
                        const: "none",
                      },
                      {
                        type: "integer",
                        minimum: 0,
                        maximum: 10000,
                      },
                    ],
                  },
                  maxMessages: {
                    description:
                      "How many missed messages are answered after an outage, the newest of them; older ones are skipped and the log says so. Default: 2000.",
                    type: "integer",
                    minimum: 0,
                    maximum: 100000,
                  },
                  maxAgeMinutes: {
                    description:
                      "How old a missed message may be to be answered, in minutes; older ones are skipped and the log says so. Default: 1440, one day.",
                    type: "integer",
                    minimum: 1,
                    maximum: 525600,
                  },
                },
                additionalProperties: false,
              },
              applications: {
                description:
                  'Ids of the applications that are watched, e.g. 5. Default: "*", all of them.',
                type: "array",
                items: {
                  anyOf: [
                    {
                      anyOf: [
                        {
                          type: "string",
                          pattern: "^(?:gotify:)?(?:app:)?[1-9][0-9]*$",
                        },
                        {
                          type: "integer",
                          minimum: 1,
                          maximum: 9007199254740991,
                        },
                      ],
                    },
                    {
                      type: "string",
                      const: "*",
                    },
                  ],
                },
              },
              afterHandled: {
                description:
                  "What happens to a message on the server once the agent has taken it up: keep leaves it for every phone, delete removes it. Answers are never deleted. Default: keep.",
                type: "string",
                enum: ["keep", "delete"],
              },
              minPriority: {
                description:
                  "Messages with a lower priority are noted and not handed to the agent. Default: all are handed on.",
                type: "integer",
                minimum: -9007199254740991,
                maximum: 9007199254740991,
              },
              imageHosts: {
                description:
                  "Hosts whose images may be fetched and shown to the agent, e.g. cams.example.com. Default: none.",
                type: "array",
                items: {
                  type: "string",
                },
              },
              ignore: {
                description:
                  "Ids of the applications that are never sent a pairing code, such as machines that only report. Default: none.",
                type: "array",
                items: {
                  anyOf: [
                    {
                      type: "string",
                      pattern: "^(?:gotify:)?(?:app:)?[1-9][0-9]*$",
                    },
                    {
                      type: "integer",
                      minimum: 1,
                      maximum: 9007199254740991,
                    },
                  ],
                },
              },
              peerIdFrom: {
                description:
                  'Ids of the applications whose messages may name their conversation in extras.openclaw.peerId. Default: "*", every application that may talk.',
                type: "array",
                items: {
                  anyOf: [
                    {
                      anyOf: [
                        {
                          type: "string",
                          pattern: "^(?:gotify:)?(?:app:)?[1-9][0-9]*$",
                        },
                        {
                          type: "integer",
                          minimum: 1,
                          maximum: 9007199254740991,
                        },
                      ],
                    },
                    {
                      type: "string",
                      const: "*",
                    },
                  ],
                },
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
  appTokenFile: {
    label: "File with the application token",
    advanced: true,
  },
  clientToken: {
    label: "Client token",
    sensitive: true,
  },
  clientTokenFile: {
    label: "File with the client token",
    advanced: true,
  },
  defaultPriority: {
    label: "Priority of answers",
  },
  "priorities.error": {
    label: "Priority of errors",
    advanced: true,
  },
  "priorities.approval": {
    label: "Priority of approval requests",
    advanced: true,
  },
  "priorities.quiet": {
    label: "Priority of silent messages",
    advanced: true,
  },
  title: {
    label: "Title of answers",
    placeholder: "{agent}",
  },
  replyTo: {
    label: "Application that is posted to",
    advanced: true,
  },
  partBytes: {
    label: "Length of one message (bytes)",
    advanced: true,
  },
  "fromAgents.intentUrls": {
    label: "Agents may open Android intents",
    advanced: true,
  },
  "fromAgents.extras": {
    label: "Agents may add extras",
    advanced: true,
  },
  "fromAgents.imageHosts": {
    label: "Hosts whose images agents may show",
    advanced: true,
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
  "inbound.catchUp.firstStart": {
    label: "Answer stored messages at first start",
    advanced: true,
  },
  "inbound.catchUp.maxMessages": {
    label: "Missed messages to answer",
    advanced: true,
  },
  "inbound.catchUp.maxAgeMinutes": {
    label: "Age of missed messages (min)",
    advanced: true,
  },
  "inbound.applications": {
    label: "Watched applications",
    advanced: true,
  },
  "inbound.afterHandled": {
    label: "After a message was handled",
    advanced: true,
  },
  "inbound.minPriority": {
    label: "Lowest priority to hand on",
    advanced: true,
  },
  "inbound.imageHosts": {
    label: "Hosts to fetch images from",
    advanced: true,
  },
  commandsFrom: {
    label: "Applications that may give commands",
  },
  approvers: {
    label: "Applications that may approve",
  },
  "pairing.replies": {
    label: "Answer unknown applications with a code",
    advanced: true,
  },
  "inbound.ignore": {
    label: "Applications that get no pairing code",
    advanced: true,
  },
  "inbound.peerIdFrom": {
    label: "Applications that may name a conversation",
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
