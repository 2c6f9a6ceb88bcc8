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
        "Address of the Gotify server, with its sub-path if it has one, e.g. https://push.example.com. For the account default, GOTIFY_SERVER_URL in the environment stands in where nothing is set.",
      type: "string",
    },
    appToken: {
      description:
        "Token of the Gotify application that answers are posted to, or a reference to it (source env, store, file or exec). For the account default, GOTIFY_APP_TOKEN in the environment stands in where nothing is set.",
      anyOf: [
        {
          type: "string",
        },
        {
          oneOf: [
            {
              type: "object",
              properties: {
                source: {
                  type: "string",
                  const: "env",
                },
                provider: {
                  type: "string",
                  pattern: "^[a-z][a-z0-9_-]{0,63}$",
                },
                id: {
                  type: "string",
                  pattern: "^[A-Z][A-Z0-9_]{0,127}$",
                },
              },
              required: ["source", "provider", "id"],
              additionalProperties: false,
            },
            {
              type: "object",
              properties: {
                source: {
                  type: "string",
                  const: "store",
                },
                provider: {
                  type: "string",
                  pattern: "^[a-z][a-z0-9_-]{0,63}$",
                },
                id: {
                  type: "string",
                  pattern: "^[A-Z][A-Z0-9_]{0,127}$",
                },
              },
              required: ["source", "provider", "id"],
              additionalProperties: false,
            },
            {
              type: "object",
              properties: {
                source: {
                  type: "string",
                  const: "file",
                },
                provider: {
                  type: "string",
                  pattern: "^[a-z][a-z0-9_-]{0,63}$",
                },
                id: {
                  type: "string",
                  pattern: "^(?:value|\\/(?:[^~]|~[01])*)$",
                },
              },
              required: ["source", "provider", "id"],
              additionalProperties: false,
            },
            {
              type: "object",
              properties: {
                source: {
                  type: "string",
                  const: "exec",
                },
                provider: {
                  type: "string",
                  pattern: "^[a-z][a-z0-9_-]{0,63}$",
                },
                id: {
                  type: "string",
                  pattern: "^(?!(?:.*\\/)?\\.{1,2}(?:\\/|$))[A-Za-z0-9][A-Za-z0-9._:/#-]{0,255}$",
                },
              },
              required: ["source", "provider", "id"],
              additionalProperties: false,
            },
          ],
        },
      ],
    },
    appTokenFile: {
      description:
        "Path of a file that holds nothing but the application's token: a regular file, not a symbolic link. Ignored where appToken is set.",
      type: "string",
    },
    clientToken: {
      description:
        "Token of a Gotify client, which is needed to receive messages, or a reference to it (source env, store, file or exec). For the account default, GOTIFY_CLIENT_TOKEN in the environment stands in where nothing is set.",
      anyOf: [
        {
          type: "string",
        },
        {
          oneOf: [
            {
              type: "object",
              properties: {
                source: {
                  type: "string",
                  const: "env",
                },
                provider: {
                  type: "string",
                  pattern: "^[a-z][a-z0-9_-]{0,63}$",
                },
                id: {
                  type: "string",
                  pattern: "^[A-Z][A-Z0-9_]{0,127}$",
                },
              },
              required: ["source", "provider", "id"],
              additionalProperties: false,
            },
            {
              type: "object",
              properties: {
                source: {
                  type: "string",
                  const: "store",
                },
                provider: {
                  type: "string",
                  pattern: "^[a-z][a-z0-9_-]{0,63}$",
                },
                id: {
                  type: "string",
                  pattern: "^[A-Z][A-Z0-9_]{0,127}$",
                },
              },
              required: ["source", "provider", "id"],
              additionalProperties: false,
            },
            {
              type: "object",
              properties: {
                source: {
                  type: "string",
                  const: "file",
                },
                provider: {
                  type: "string",
                  pattern: "^[a-z][a-z0-9_-]{0,63}$",
                },
                id: {
                  type: "string",
                  pattern: "^(?:value|\\/(?:[^~]|~[01])*)$",
                },
              },
              required: ["source", "provider", "id"],
              additionalProperties: false,
            },
            {
              type: "object",
              properties: {
                source: {
                  type: "string",
                  const: "exec",
                },
                provider: {
                  type: "string",
                  pattern: "^[a-z][a-z0-9_-]{0,63}$",
                },
                id: {
                  type: "string",
                  pattern: "^(?!(?:.*\\/)?\\.{1,2}(?:\\/|$))[A-Za-z0-9][A-Za-z0-9._:/#-]{0,255}$",
                },
              },
              required: ["source", "provider", "id"],
              additionalProperties: false,
            },
          ],
        },
      ],
    },
    clientTokenFile: {
      description:
        "Path of a file that holds nothing but the client's token: a regular file, not a symbolic link. Ignored where clientToken is set.",
      type: "string",
    },
    connection: {
      description:
        "How the server is reached; the same for requests and for the stream. An account with a serverUrl of its own inherits only timeoutSeconds and caFile.",
      type: "object",
      properties: {
        timeoutSeconds: {
          description:
            "Seconds until a call gives up, such as a post or a page of messages. Short looks at the server have limits of their own. Below 15, a post that is only slow becomes one of unknown outcome. Default: 20.",
          type: "integer",
          minimum: 1,
          maximum: 600,
        },
        caFile: {
          description:
            "Path of a PEM file with the certificates of authorities that are trusted besides the usual ones, for a server with a certificate of a private authority, or its own self-signed certificate.",
          type: "string",
        },
        clientCertFile: {
          description:
            "Path of a PEM file with the client certificate that the server, or a proxy in front of it, asks for (mTLS), and the intermediate certificates after it.",
          type: "string",
        },
        clientKeyFile: {
          description:
            "Path of a PEM file with the client certificate's private key, without a passphrase. Ignored where clientKey is set.",
          type: "string",
        },
        clientKey: {
          description:
            "The client certificate's private key itself, as PEM and without a passphrase, or a reference to it (source env, store, file or exec).",
          anyOf: [
            {
              type: "string",
            },
            {
              oneOf: [
                {
                  type: "object",
                  properties: {
                    source: {
                      type: "string",
                      const: "env",
                    },
                    provider: {
                      type: "string",
                      pattern: "^[a-z][a-z0-9_-]{0,63}$",
                    },
                    id: {
                      type: "string",
                      pattern: "^[A-Z][A-Z0-9_]{0,127}$",
                    },
                  },
                  required: ["source", "provider", "id"],
                  additionalProperties: false,
                },
                {
                  type: "object",
                  properties: {
                    source: {
                      type: "string",
                      const: "store",
                    },
                    provider: {
                      type: "string",
                      pattern: "^[a-z][a-z0-9_-]{0,63}$",
                    },
                    id: {
                      type: "string",
                      pattern: "^[A-Z][A-Z0-9_]{0,127}$",
                    },
                  },
                  required: ["source", "provider", "id"],
                  additionalProperties: false,
                },
                {
                  type: "object",
                  properties: {
                    source: {
                      type: "string",
                      const: "file",
                    },
                    provider: {
                      type: "string",
                      pattern: "^[a-z][a-z0-9_-]{0,63}$",
                    },
                    id: {
                      type: "string",
                      pattern: "^(?:value|\\/(?:[^~]|~[01])*)$",
                    },
                  },
                  required: ["source", "provider", "id"],
                  additionalProperties: false,
                },
                {
                  type: "object",
                  properties: {
                    source: {
                      type: "string",
                      const: "exec",
                    },
                    provider: {
                      type: "string",
                      pattern: "^[a-z][a-z0-9_-]{0,63}$",
                    },
                    id: {
                      type: "string",
                      pattern:
                        "^(?!(?:.*\\/)?\\.{1,2}(?:\\/|$))[A-Za-z0-9][A-Za-z0-9._:/#-]{0,255}$",
                    },
                  },
                  required: ["source", "provider", "id"],
                  additionalProperties: false,
                },
              ],
            },
          ],
        },
        headers: {
          description:
            "Further headers for every request and for the stream, by name, e.g. CF-Access-Client-Id and CF-Access-Client-Secret for Cloudflare Access. Their values are secrets, and may be references. Headers that Gotify or HTTP itself needs cannot be set, X-Gotify-Key among them.",
          type: "object",
          propertyNames: {
            type: "string",
          },
          additionalProperties: {
            anyOf: [
              {
                type: "string",
              },
              {
                oneOf: [
                  {
                    type: "object",
                    properties: {
                      source: {
                        type: "string",
                        const: "env",
                      },
                      provider: {
                        type: "string",
                        pattern: "^[a-z][a-z0-9_-]{0,63}$",
                      },
                      id: {
                        type: "string",
                        pattern: "^[A-Z][A-Z0-9_]{0,127}$",
                      },
                    },
                    required: ["source", "provider", "id"],
                    additionalProperties: false,
                  },
                  {
                    type: "object",
                    properties: {
                      source: {
                        type: "string",
                        const: "store",
                      },
                      provider: {
                        type: "string",
                        pattern: "^[a-z][a-z0-9_-]{0,63}$",
                      },
                      id: {
                        type: "string",
                        pattern: "^[A-Z][A-Z0-9_]{0,127}$",
                      },
                    },
                    required: ["source", "provider", "id"],
                    additionalProperties: false,
                  },
                  {
                    type: "object",
                    properties: {
                      source: {
                        type: "string",
                        const: "file",
                      },
                      provider: {
                        type: "string",
                        pattern: "^[a-z][a-z0-9_-]{0,63}$",
                      },
                      id: {
                        type: "string",
                        pattern: "^(?:value|\\/(?:[^~]|~[01])*)$",
                      },
                    },
                    required: ["source", "provider", "id"],
                    additionalProperties: false,
                  },
                  {
                    type: "object",
                    properties: {
                      source: {
                        type: "string",
                        const: "exec",
                      },
                      provider: {
                        type: "string",
                        pattern: "^[a-z][a-z0-9_-]{0,63}$",
                      },
                      id: {
                        type: "string",
                        pattern:
                          "^(?!(?:.*\\/)?\\.{1,2}(?:\\/|$))[A-Za-z0-9][A-Za-z0-9._:/#-]{0,255}$",
                      },
                    },
                    required: ["source", "provider", "id"],
                    additionalProperties: false,
                  },
                ],
              },
            ],
          },
        },
        dangerouslyAllowCleartext: {
          description:
            "Whether http:// may lead to a public address, where tokens and messages can be read on the way. Private addresses need no permission. Default: false.",
          type: "boolean",
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
      description:
        'Ids of the Gotify applications that may talk to the agent, e.g. 5; accessGroup:<name> for a group of the host, and "*" for all. Default: none.',
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
          description: "Whether such loops are stopped. Default: true.",
          type: "boolean",
        },
        maxEventsPerWindow: {
          description: "Messages that two agents may exchange within the window. Default: 20.",
          type: "integer",
          minimum: 1,
          maximum: 9007199254740991,
        },
        windowSeconds: {
          description: "Length of the window, in seconds. Default: 600.",
          type: "integer",
          minimum: 1,
          maximum: 9007199254740991,
        },
        cooldownSeconds: {
          description: "How long nothing is answered after a loop, in seconds. Default: 60.",
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
    responsePrefix: {
      description:
        'Text in front of every answer. {model}, {provider}, {thinkingLevel} and {identity.name} are filled in; "auto" is the agent\'s name in brackets. Default: messages.responsePrefix, otherwise none.',
      type: "string",
    },
    markdown: {
      description: "How Markdown is rendered.",
      type: "object",
      properties: {
        tables: {
          description:
            "What becomes of a table in an answer: bullets makes a list of its rows, code aligns its columns in a code block, off leaves it a table, which the notification shows as a row of words. block is the same as code: Gotify has no tables of its own. Default: bullets.",
          type: "string",
          enum: ["off", "bullets", "code", "block"],
        },
      },
      additionalProperties: false,
    },
    textChunkLimit: {
      description:
        "Length of one message's text in characters (UTF-16 units), as in other channels. Alone it takes the place of the default of partBytes; where both are set, a message is no longer than either allows. Default: none, partBytes decides.",
      type: "integer",
      minimum: 500,
      maximum: 60000,
    },
    streaming: {
      description: "How long answers are cut up.",
      type: "object",
      properties: {
        chunkMode: {
          description:
            "Where a long answer is split: length fills the messages and prefers headings, paragraphs and lines; newline splits between paragraphs wherever there is a blank line to split at. Default: length.",
          type: "string",
          enum: ["length", "newline"],
        },
        block: {
          description: "Pushing an answer in blocks.",
          type: "object",
          properties: {
            enabled: {
              description:
                "Whether finished blocks of an answer are pushed while the rest is being written: each is a notification, tried once and not kept over a crash. Default: agents.defaults.blockStreamingDefault, which is off.",
              type: "boolean",
            },
            coalesce: {
              description: "How blocks are put together before they are pushed.",
              type: "object",
              properties: {
                minChars: {
                  description: "Characters to collect before a block is pushed. Default: 800.",
                  type: "integer",
                  minimum: 1,
                  maximum: 9007199254740991,
                },
                maxChars: {
                  description: "Characters at which a block is pushed in any case. Default: 1200.",
                  type: "integer",
                  minimum: 1,
                  maximum: 9007199254740991,
                },
                idleMs: {
                  description: "Wait for more text, in milliseconds. Default: 1000.",
                  type: "integer",
                  minimum: 0,
                  maximum: 9007199254740991,
                },
              },
              additionalProperties: false,
            },
          },
          additionalProperties: false,
        },
      },
      additionalProperties: false,
    },
    mediaMaxMb: {
      description:
        "Size of a picture that is read, in MB: of the agent's files, and of images for the agent. Whatever its size, a picture is made small enough for a Gotify message before it is posted. Default: agents.defaults.mediaMaxMb, otherwise 24 for files and 5 for images that the agent is shown.",
      type: "number",
      exclusiveMinimum: 0,
      maximum: 100,
    },
    dmHistoryLimit: {
      description:
        "User turns of a conversation that are shown to the model; 0 shows all. Counts in the session scopes per-channel-peer and per-account-channel-peer. Default: all.",
      type: "integer",
      minimum: 0,
      maximum: 9007199254740991,
    },
    dms: {
      description:
        "What is different for one conversation, by an application's id or the conversation's name. An account that has dms of its own inherits none.",
      type: "object",
      propertyNames: {
        type: "string",
      },
      additionalProperties: {
        type: "object",
        properties: {
          historyLimit: {
            description:
              "User turns that are shown to the model; 0 shows all. Default: dmHistoryLimit.",
            type: "integer",
            minimum: 0,
            maximum: 9007199254740991,
          },
        },
        additionalProperties: false,
      },
    },
    defaultTo: {
      description:
        "Conversation that is meant when none is named, e.g. app:5, peer:ops or account:home. An account with a server of its own does not inherit it. Default: none.",
      type: "string",
    },
    configWrites: {
      description:
        "Whether commands that come in by this channel, such as /config set, may change the configuration. Default: true.",
      type: "boolean",
    },
    healthMonitor: {
      description: "The Gateway's own watch over its channels.",
      type: "object",
      properties: {
        enabled: {
          description:
            "Whether the Gateway restarts the account when it has been without a connection for long. Default: true.",
          type: "boolean",
        },
      },
      additionalProperties: false,
    },
    capabilities: {
      description: "Words for what this channel can do, which the agent is told. Default: none.",
      type: "array",
      items: {
        type: "string",
      },
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
              "Address of the Gotify server, with its sub-path if it has one, e.g. https://push.example.com. For the account default, GOTIFY_SERVER_URL in the environment stands in where nothing is set.",
            type: "string",
          },
          appToken: {
            description:
              "Token of the Gotify application that answers are posted to, or a reference to it (source env, store, file or exec). For the account default, GOTIFY_APP_TOKEN in the environment stands in where nothing is set.",
            anyOf: [
              {
                type: "string",
              },
              {
                oneOf: [
                  {
                    type: "object",
                    properties: {
                      source: {
                        type: "string",
                        const: "env",
                      },
                      provider: {
                        type: "string",
                        pattern: "^[a-z][a-z0-9_-]{0,63}$",
                      },
                      id: {
                        type: "string",
                        pattern: "^[A-Z][A-Z0-9_]{0,127}$",
                      },
                    },
                    required: ["source", "provider", "id"],
                    additionalProperties: false,
                  },
                  {
                    type: "object",
                    properties: {
                      source: {
                        type: "string",
                        const: "store",
                      },
                      provider: {
                        type: "string",
                        pattern: "^[a-z][a-z0-9_-]{0,63}$",
                      },
                      id: {
                        type: "string",
                        pattern: "^[A-Z][A-Z0-9_]{0,127}$",
                      },
                    },
                    required: ["source", "provider", "id"],
                    additionalProperties: false,
                  },
                  {
                    type: "object",
                    properties: {
                      source: {
                        type: "string",
                        const: "file",
                      },
                      provider: {
                        type: "string",
                        pattern: "^[a-z][a-z0-9_-]{0,63}$",
                      },
                      id: {
                        type: "string",
                        pattern: "^(?:value|\\/(?:[^~]|~[01])*)$",
                      },
                    },
                    required: ["source", "provider", "id"],
                    additionalProperties: false,
                  },
                  {
                    type: "object",
                    properties: {
                      source: {
                        type: "string",
                        const: "exec",
                      },
                      provider: {
                        type: "string",
                        pattern: "^[a-z][a-z0-9_-]{0,63}$",
                      },
                      id: {
                        type: "string",
                        pattern:
                          "^(?!(?:.*\\/)?\\.{1,2}(?:\\/|$))[A-Za-z0-9][A-Za-z0-9._:/#-]{0,255}$",
                      },
                    },
                    required: ["source", "provider", "id"],
                    additionalProperties: false,
                  },
                ],
              },
            ],
          },
          appTokenFile: {
            description:
              "Path of a file that holds nothing but the application's token: a regular file, not a symbolic link. Ignored where appToken is set.",
            type: "string",
          },
          clientToken: {
            description:
              "Token of a Gotify client, which is needed to receive messages, or a reference to it (source env, store, file or exec). For the account default, GOTIFY_CLIENT_TOKEN in the environment stands in where nothing is set.",
            anyOf: [
              {
                type: "string",
              },
              {
                oneOf: [
                  {
                    type: "object",
                    properties: {
                      source: {
                        type: "string",
                        const: "env",
                      },
                      provider: {
                        type: "string",
                        pattern: "^[a-z][a-z0-9_-]{0,63}$",
                      },
                      id: {
                        type: "string",
                        pattern: "^[A-Z][A-Z0-9_]{0,127}$",
                      },
                    },
                    required: ["source", "provider", "id"],
                    additionalProperties: false,
                  },
                  {
                    type: "object",
                    properties: {
                      source: {
                        type: "string",
                        const: "store",
                      },
                      provider: {
                        type: "string",
                        pattern: "^[a-z][a-z0-9_-]{0,63}$",
                      },
                      id: {
                        type: "string",
                        pattern: "^[A-Z][A-Z0-9_]{0,127}$",
                      },
                    },
                    required: ["source", "provider", "id"],
                    additionalProperties: false,
                  },
                  {
                    type: "object",
                    properties: {
                      source: {
                        type: "string",
                        const: "file",
                      },
                      provider: {
                        type: "string",
                        pattern: "^[a-z][a-z0-9_-]{0,63}$",
                      },
                      id: {
                        type: "string",
                        pattern: "^(?:value|\\/(?:[^~]|~[01])*)$",
                      },
                    },
                    required: ["source", "provider", "id"],
                    additionalProperties: false,
                  },
                  {
                    type: "object",
                    properties: {
                      source: {
                        type: "string",
                        const: "exec",
                      },
                      provider: {
                        type: "string",
                        pattern: "^[a-z][a-z0-9_-]{0,63}$",
                      },
                      id: {
                        type: "string",
                        pattern:
                          "^(?!(?:.*\\/)?\\.{1,2}(?:\\/|$))[A-Za-z0-9][A-Za-z0-9._:/#-]{0,255}$",
                      },
                    },
                    required: ["source", "provider", "id"],
                    additionalProperties: false,
                  },
                ],
              },
            ],
          },
          clientTokenFile: {
            description:
              "Path of a file that holds nothing but the client's token: a regular file, not a symbolic link. Ignored where clientToken is set.",
            type: "string",
          },
          connection: {
            description:
              "How the server is reached; the same for requests and for the stream. An account with a serverUrl of its own inherits only timeoutSeconds and caFile.",
            type: "object",
            properties: {
              timeoutSeconds: {
                description:
                  "Seconds until a call gives up, such as a post or a page of messages. Short looks at the server have limits of their own. Below 15, a post that is only slow becomes one of unknown outcome. Default: 20.",
                type: "integer",
                minimum: 1,
                maximum: 600,
              },
              caFile: {
                description:
                  "Path of a PEM file with the certificates of authorities that are trusted besides the usual ones, for a server with a certificate of a private authority, or its own self-signed certificate.",
                type: "string",
              },
              clientCertFile: {
                description:
                  "Path of a PEM file with the client certificate that the server, or a proxy in front of it, asks for (mTLS), and the intermediate certificates after it.",
                type: "string",
              },
              clientKeyFile: {
                description:
                  "Path of a PEM file with the client certificate's private key, without a passphrase. Ignored where clientKey is set.",
                type: "string",
              },
              clientKey: {
                description:
                  "The client certificate's private key itself, as PEM and without a passphrase, or a reference to it (source env, store, file or exec).",
                anyOf: [
                  {
                    type: "string",
                  },
                  {
                    oneOf: [
                      {
                        type: "object",
                        properties: {
                          source: {
                            type: "string",
                            const: "env",
                          },
                          provider: {
                            type: "string",
                            pattern: "^[a-z][a-z0-9_-]{0,63}$",
                          },
                          id: {
                            type: "string",
                            pattern: "^[A-Z][A-Z0-9_]{0,127}$",
                          },
                        },
                        required: ["source", "provider", "id"],
                        additionalProperties: false,
                      },
                      {
                        type: "object",
                        properties: {
                          source: {
                            type: "string",
                            const: "store",
                          },
                          provider: {
                            type: "string",
                            pattern: "^[a-z][a-z0-9_-]{0,63}$",
                          },
                          id: {
                            type: "string",
                            pattern: "^[A-Z][A-Z0-9_]{0,127}$",
                          },
                        },
                        required: ["source", "provider", "id"],
                        additionalProperties: false,
                      },
                      {
                        type: "object",
                        properties: {
                          source: {
                            type: "string",
                            const: "file",
                          },
                          provider: {
                            type: "string",
                            pattern: "^[a-z][a-z0-9_-]{0,63}$",
                          },
                          id: {
                            type: "string",
                            pattern: "^(?:value|\\/(?:[^~]|~[01])*)$",
                          },
                        },
                        required: ["source", "provider", "id"],
                        additionalProperties: false,
                      },
                      {
                        type: "object",
                        properties: {
                          source: {
                            type: "string",
                            const: "exec",
                          },
                          provider: {
                            type: "string",
                            pattern: "^[a-z][a-z0-9_-]{0,63}$",
                          },
                          id: {
                            type: "string",
                            pattern:
                              "^(?!(?:.*\\/)?\\.{1,2}(?:\\/|$))[A-Za-z0-9][A-Za-z0-9._:/#-]{0,255}$",
                          },
                        },
                        required: ["source", "provider", "id"],
                        additionalProperties: false,
                      },
                    ],
                  },
                ],
              },
              headers: {
                description:
                  "Further headers for every request and for the stream, by name, e.g. CF-Access-Client-Id and CF-Access-Client-Secret for Cloudflare Access. Their values are secrets, and may be references. Headers that Gotify or HTTP itself needs cannot be set, X-Gotify-Key among them.",
                type: "object",
                propertyNames: {
                  type: "string",
                },
                additionalProperties: {
                  anyOf: [
                    {
                      type: "string",
                    },
                    {
                      oneOf: [
                        {
                          type: "object",
                          properties: {
                            source: {
                              type: "string",
                              const: "env",
                            },
                            provider: {
                              type: "string",
                              pattern: "^[a-z][a-z0-9_-]{0,63}$",
                            },
                            id: {
                              type: "string",
                              pattern: "^[A-Z][A-Z0-9_]{0,127}$",
                            },
                          },
                          required: ["source", "provider", "id"],
                          additionalProperties: false,
                        },
                        {
                          type: "object",
                          properties: {
                            source: {
                              type: "string",
                              const: "store",
                            },
                            provider: {
                              type: "string",
                              pattern: "^[a-z][a-z0-9_-]{0,63}$",
                            },
                            id: {
                              type: "string",
                              pattern: "^[A-Z][A-Z0-9_]{0,127}$",
                            },
                          },
                          required: ["source", "provider", "id"],
                          additionalProperties: false,
                        },
                        {
                          type: "object",
                          properties: {
                            source: {
                              type: "string",
                              const: "file",
                            },
                            provider: {
                              type: "string",
                              pattern: "^[a-z][a-z0-9_-]{0,63}$",
                            },
                            id: {
                              type: "string",
                              pattern: "^(?:value|\\/(?:[^~]|~[01])*)$",
                            },
                          },
                          required: ["source", "provider", "id"],
                          additionalProperties: false,
                        },
                        {
                          type: "object",
                          properties: {
                            source: {
                              type: "string",
                              const: "exec",
                            },
                            provider: {
                              type: "string",
                              pattern: "^[a-z][a-z0-9_-]{0,63}$",
                            },
                            id: {
                              type: "string",
                              pattern:
                                "^(?!(?:.*\\/)?\\.{1,2}(?:\\/|$))[A-Za-z0-9][A-Za-z0-9._:/#-]{0,255}$",
                            },
                          },
                          required: ["source", "provider", "id"],
                          additionalProperties: false,
                        },
                      ],
                    },
                  ],
                },
              },
              dangerouslyAllowCleartext: {
                description:
                  "Whether http:// may lead to a public address, where tokens and messages can be read on the way. Private addresses need no permission. Default: false.",
                type: "boolean",
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
            description:
              'Ids of the Gotify applications that may talk to the agent, e.g. 5; accessGroup:<name> for a group of the host, and "*" for all. Default: none.',
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
                description: "Whether such loops are stopped. Default: true.",
                type: "boolean",
              },
              maxEventsPerWindow: {
                description:
                  "Messages that two agents may exchange within the window. Default: 20.",
                type: "integer",
                minimum: 1,
                maximum: 9007199254740991,
              },
              windowSeconds: {
                description: "Length of the window, in seconds. Default: 600.",
                type: "integer",
                minimum: 1,
                maximum: 9007199254740991,
              },
              cooldownSeconds: {
                description: "How long nothing is answered after a loop, in seconds. Default: 60.",
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
          responsePrefix: {
            description:
              'Text in front of every answer. {model}, {provider}, {thinkingLevel} and {identity.name} are filled in; "auto" is the agent\'s name in brackets. Default: messages.responsePrefix, otherwise none.',
            type: "string",
          },
          markdown: {
            description: "How Markdown is rendered.",
            type: "object",
            properties: {
              tables: {
                description:
                  "What becomes of a table in an answer: bullets makes a list of its rows, code aligns its columns in a code block, off leaves it a table, which the notification shows as a row of words. block is the same as code: Gotify has no tables of its own. Default: bullets.",
                type: "string",
                enum: ["off", "bullets", "code", "block"],
              },
            },
            additionalProperties: false,
          },
          textChunkLimit: {
            description:
              "Length of one message's text in characters (UTF-16 units), as in other channels. Alone it takes the place of the default of partBytes; where both are set, a message is no longer than either allows. Default: none, partBytes decides.",
            type: "integer",
            minimum: 500,
            maximum: 60000,
          },
          streaming: {
            description: "How long answers are cut up.",
            type: "object",
            properties: {
              chunkMode: {
                description:
                  "Where a long answer is split: length fills the messages and prefers headings, paragraphs and lines; newline splits between paragraphs wherever there is a blank line to split at. Default: length.",
                type: "string",
                enum: ["length", "newline"],
              },
              block: {
                description: "Pushing an answer in blocks.",
                type: "object",
                properties: {
                  enabled: {
                    description:
                      "Whether finished blocks of an answer are pushed while the rest is being written: each is a notification, tried once and not kept over a crash. Default: agents.defaults.blockStreamingDefault, which is off.",
                    type: "boolean",
                  },
                  coalesce: {
                    description: "How blocks are put together before they are pushed.",
                    type: "object",
                    properties: {
                      minChars: {
                        description:
                          "Characters to collect before a block is pushed. Default: 800.",
                        type: "integer",
                        minimum: 1,
                        maximum: 9007199254740991,
                      },
                      maxChars: {
                        description:
                          "Characters at which a block is pushed in any case. Default: 1200.",
                        type: "integer",
                        minimum: 1,
                        maximum: 9007199254740991,
                      },
                      idleMs: {
                        description: "Wait for more text, in milliseconds. Default: 1000.",
                        type: "integer",
                        minimum: 0,
                        maximum: 9007199254740991,
                      },
                    },
                    additionalProperties: false,
                  },
                },
                additionalProperties: false,
              },
            },
            additionalProperties: false,
          },
          mediaMaxMb: {
            description:
              "Size of a picture that is read, in MB: of the agent's files, and of images for the agent. Whatever its size, a picture is made small enough for a Gotify message before it is posted. Default: agents.defaults.mediaMaxMb, otherwise 24 for files and 5 for images that the agent is shown.",
            type: "number",
            exclusiveMinimum: 0,
            maximum: 100,
          },
          dmHistoryLimit: {
            description:
              "User turns of a conversation that are shown to the model; 0 shows all. Counts in the session scopes per-channel-peer and per-account-channel-peer. Default: all.",
            type: "integer",
            minimum: 0,
            maximum: 9007199254740991,
          },
          dms: {
            description:
              "What is different for one conversation, by an application's id or the conversation's name. An account that has dms of its own inherits none.",
            type: "object",
            propertyNames: {
              type: "string",
            },
            additionalProperties: {
              type: "object",
              properties: {
                historyLimit: {
                  description:
                    "User turns that are shown to the model; 0 shows all. Default: dmHistoryLimit.",
                  type: "integer",
                  minimum: 0,
                  maximum: 9007199254740991,
                },
              },
              additionalProperties: false,
            },
          },
          defaultTo: {
            description:
              "Conversation that is meant when none is named, e.g. app:5, peer:ops or account:home. An account with a server of its own does not inherit it. Default: none.",
            type: "string",
          },
          configWrites: {
            description:
              "Whether commands that come in by this channel, such as /config set, may change the configuration. Default: true.",
            type: "boolean",
          },
          healthMonitor: {
            description: "The Gateway's own watch over its channels.",
            type: "object",
            properties: {
              enabled: {
                description:
                  "Whether the Gateway restarts the account when it has been without a connection for long. Default: true.",
                type: "boolean",
              },
            },
            additionalProperties: false,
          },
          capabilities: {
            description:
              "Words for what this channel can do, which the agent is told. Default: none.",
            type: "array",
            items: {
              type: "string",
            },
          },
        },
        additionalProperties: false,
      },
    },
  },
  additionalProperties: false,
} as const;

export const CHANNEL_UI_HINTS = {
  enabled: {
    label: "Enabled",
    advanced: false,
  },
  name: {
    label: "Name",
    advanced: false,
  },
  serverUrl: {
    label: "Server URL",
    placeholder: "https://push.example.com",
    advanced: false,
  },
  appToken: {
    label: "Application token",
    sensitive: true,
    advanced: false,
  },
  appTokenFile: {
    label: "File with the application token",
    advanced: true,
  },
  clientToken: {
    label: "Client token",
    sensitive: true,
    advanced: false,
  },
  clientTokenFile: {
    label: "File with the client token",
    advanced: true,
  },
  connection: {
    label: "Connection",
    advanced: true,
  },
  "connection.timeoutSeconds": {
    label: "Time limit of a call (s)",
    advanced: true,
  },
  "connection.caFile": {
    label: "File with the authority's certificate",
    advanced: true,
  },
  "connection.clientCertFile": {
    label: "File with the client certificate",
    advanced: true,
  },
  "connection.clientKeyFile": {
    label: "File with the client key",
    advanced: true,
  },
  "connection.clientKey": {
    label: "Client key",
    sensitive: true,
    advanced: true,
  },
  "connection.headers": {
    label: "Headers for an access proxy",
    advanced: true,
  },
  "connection.headers.*": {
    label: "Header's value",
    sensitive: true,
    advanced: true,
  },
  "connection.dangerouslyAllowCleartext": {
    label: "Allow http:// over the internet",
    advanced: true,
  },
  dmPolicy: {
    label: "Who may talk",
    advanced: false,
  },
  allowFrom: {
    label: "Allowed applications",
    placeholder: "5",
    advanced: false,
  },
  "allowFrom.*": {
    label: "Application",
    advanced: false,
  },
  commandsFrom: {
    label: "Applications that may give commands",
    placeholder: "5",
    advanced: false,
  },
  "commandsFrom.*": {
    label: "Application",
    advanced: false,
  },
  approvers: {
    label: "Applications that may approve",
    placeholder: "5",
  },
  pairing: {
    label: "Pairing",
  },
  "pairing.replies": {
    label: "Answer unknown applications with a code",
    advanced: true,
  },
  botLoopProtection: {
    label: "Loop protection",
    advanced: true,
  },
  "botLoopProtection.enabled": {
    label: "Stop agents that answer each other",
    advanced: true,
  },
  "botLoopProtection.maxEventsPerWindow": {
    label: "Messages within the window",
    advanced: true,
  },
  "botLoopProtection.windowSeconds": {
    label: "Length of the window (s)",
    advanced: true,
  },
  "botLoopProtection.cooldownSeconds": {
    label: "Pause after a loop (s)",
    advanced: true,
  },
  inbound: {
    label: "Receiving",
  },
  "inbound.enabled": {
    label: "Receive messages",
    advanced: false,
  },
  "inbound.applications": {
    label: "Watched applications",
    advanced: true,
  },
  "inbound.minPriority": {
    label: "Lowest priority to hand on",
    advanced: true,
  },
  "inbound.afterHandled": {
    label: "After a message was handled",
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
  "inbound.imageHosts": {
    label: "Hosts to fetch images from",
    advanced: true,
  },
  "inbound.catchUp": {
    label: "After an outage",
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
  defaultPriority: {
    label: "Priority of answers",
  },
  priorities: {
    label: "Priorities",
    advanced: true,
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
  applications: {
    label: "By application",
    advanced: true,
  },
  "applications.*": {
    label: "Application",
  },
  "applications.*.priority": {
    label: "Priority of answers",
  },
  title: {
    label: "Title of answers",
    placeholder: "{agent}",
    advanced: false,
  },
  replyTo: {
    label: "Application that is posted to",
    advanced: true,
  },
  partBytes: {
    label: "Length of one message (bytes)",
    advanced: true,
  },
  fromAgents: {
    label: "What agents may add",
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
  responsePrefix: {
    label: "Text in front of answers",
    placeholder: "auto",
    advanced: true,
  },
  markdown: {
    label: "Markdown",
    advanced: true,
  },
  "markdown.tables": {
    label: "Tables",
    advanced: true,
  },
  textChunkLimit: {
    label: "Length of one message (characters)",
    advanced: true,
  },
  streaming: {
    label: "Long answers",
    advanced: true,
  },
  "streaming.chunkMode": {
    label: "Where long answers are split",
    advanced: true,
  },
  "streaming.block": {
    label: "Blocks",
    advanced: true,
  },
  "streaming.block.enabled": {
    label: "Push answers in blocks",
    advanced: true,
  },
  "streaming.block.coalesce": {
    label: "Size of blocks",
    advanced: true,
  },
  "streaming.block.coalesce.minChars": {
    label: "Smallest block (characters)",
    advanced: true,
  },
  "streaming.block.coalesce.maxChars": {
    label: "Largest block (characters)",
    advanced: true,
  },
  "streaming.block.coalesce.idleMs": {
    label: "Wait for more text (ms)",
    advanced: true,
  },
  mediaMaxMb: {
    label: "Largest picture (MB)",
    advanced: true,
  },
  dmHistoryLimit: {
    label: "Turns the model sees",
    advanced: true,
  },
  dms: {
    label: "Turns the model sees, by conversation",
    advanced: true,
  },
  "dms.*": {
    label: "Conversation",
  },
  "dms.*.historyLimit": {
    label: "Turns the model sees",
    advanced: true,
  },
  defaultTo: {
    label: "Conversation when none is named",
    placeholder: "app:5",
    advanced: true,
  },
  configWrites: {
    label: "Commands may change the configuration",
    advanced: true,
  },
  healthMonitor: {
    label: "Health monitor",
    advanced: true,
  },
  "healthMonitor.enabled": {
    label: "Restart when unhealthy",
    advanced: true,
  },
  capabilities: {
    label: "Capabilities to tell the agent",
    advanced: true,
  },
  defaultAccount: {
    label: "Default account",
    advanced: true,
  },
  accounts: {
    label: "Accounts",
  },
  "accounts.*.enabled": {
    label: "Enabled",
    advanced: false,
  },
  "accounts.*.name": {
    label: "Name",
    advanced: false,
  },
  "accounts.*.serverUrl": {
    label: "Server URL",
    placeholder: "https://push.example.com",
    advanced: false,
  },
  "accounts.*.appToken": {
    label: "Application token",
    sensitive: true,
    advanced: false,
  },
  "accounts.*.appTokenFile": {
    label: "File with the application token",
    advanced: true,
  },
  "accounts.*.clientToken": {
    label: "Client token",
    sensitive: true,
    advanced: false,
  },
  "accounts.*.clientTokenFile": {
    label: "File with the client token",
    advanced: true,
  },
  "accounts.*.connection": {
    label: "Connection",
    advanced: true,
  },
  "accounts.*.connection.timeoutSeconds": {
    label: "Time limit of a call (s)",
    advanced: true,
  },
  "accounts.*.connection.caFile": {
    label: "File with the authority's certificate",
    advanced: true,
  },
  "accounts.*.connection.clientCertFile": {
    label: "File with the client certificate",
    advanced: true,
  },
  "accounts.*.connection.clientKeyFile": {
    label: "File with the client key",
    advanced: true,
  },
  "accounts.*.connection.clientKey": {
    label: "Client key",
    sensitive: true,
    advanced: true,
  },
  "accounts.*.connection.headers": {
    label: "Headers for an access proxy",
    advanced: true,
  },
  "accounts.*.connection.headers.*": {
    label: "Header's value",
    sensitive: true,
    advanced: true,
  },
  "accounts.*.connection.dangerouslyAllowCleartext": {
    label: "Allow http:// over the internet",
    advanced: true,
  },
  "accounts.*.dmPolicy": {
    label: "Who may talk",
    advanced: false,
  },
  "accounts.*.allowFrom": {
    label: "Allowed applications",
    placeholder: "5",
    advanced: false,
  },
  "accounts.*.allowFrom.*": {
    label: "Application",
    advanced: false,
  },
  "accounts.*.commandsFrom": {
    label: "Applications that may give commands",
    placeholder: "5",
    advanced: false,
  },
  "accounts.*.commandsFrom.*": {
    label: "Application",
    advanced: false,
  },
  "accounts.*.approvers": {
    label: "Applications that may approve",
    placeholder: "5",
  },
  "accounts.*.pairing": {
    label: "Pairing",
  },
  "accounts.*.pairing.replies": {
    label: "Answer unknown applications with a code",
    advanced: true,
  },
  "accounts.*.botLoopProtection": {
    label: "Loop protection",
    advanced: true,
  },
  "accounts.*.botLoopProtection.enabled": {
    label: "Stop agents that answer each other",
    advanced: true,
  },
  "accounts.*.botLoopProtection.maxEventsPerWindow": {
    label: "Messages within the window",
    advanced: true,
  },
  "accounts.*.botLoopProtection.windowSeconds": {
    label: "Length of the window (s)",
    advanced: true,
  },
  "accounts.*.botLoopProtection.cooldownSeconds": {
    label: "Pause after a loop (s)",
    advanced: true,
  },
  "accounts.*.inbound": {
    label: "Receiving",
  },
  "accounts.*.inbound.enabled": {
    label: "Receive messages",
    advanced: false,
  },
  "accounts.*.inbound.applications": {
    label: "Watched applications",
    advanced: true,
  },
  "accounts.*.inbound.minPriority": {
    label: "Lowest priority to hand on",
    advanced: true,
  },
  "accounts.*.inbound.afterHandled": {
    label: "After a message was handled",
    advanced: true,
  },
  "accounts.*.inbound.ignore": {
    label: "Applications that get no pairing code",
    advanced: true,
  },
  "accounts.*.inbound.peerIdFrom": {
    label: "Applications that may name a conversation",
    advanced: true,
  },
  "accounts.*.inbound.imageHosts": {
    label: "Hosts to fetch images from",
    advanced: true,
  },
  "accounts.*.inbound.catchUp": {
    label: "After an outage",
    advanced: true,
  },
  "accounts.*.inbound.catchUp.firstStart": {
    label: "Answer stored messages at first start",
    advanced: true,
  },
  "accounts.*.inbound.catchUp.maxMessages": {
    label: "Missed messages to answer",
    advanced: true,
  },
  "accounts.*.inbound.catchUp.maxAgeMinutes": {
    label: "Age of missed messages (min)",
    advanced: true,
  },
  "accounts.*.inbound.reconnectDelayMs": {
    label: "First reconnect delay (ms)",
    advanced: true,
  },
  "accounts.*.inbound.maxReconnectDelayMs": {
    label: "Longest reconnect delay (ms)",
    advanced: true,
  },
  "accounts.*.inbound.maxReconnectAttempts": {
    label: "Reconnect attempts (0: no end)",
    advanced: true,
  },
  "accounts.*.defaultPriority": {
    label: "Priority of answers",
  },
  "accounts.*.priorities": {
    label: "Priorities",
    advanced: true,
  },
  "accounts.*.priorities.error": {
    label: "Priority of errors",
    advanced: true,
  },
  "accounts.*.priorities.approval": {
    label: "Priority of approval requests",
    advanced: true,
  },
  "accounts.*.priorities.quiet": {
    label: "Priority of silent messages",
    advanced: true,
  },
  "accounts.*.applications": {
    label: "By application",
    advanced: true,
  },
  "accounts.*.applications.*": {
    label: "Application",
  },
  "accounts.*.applications.*.priority": {
    label: "Priority of answers",
  },
  "accounts.*.title": {
    label: "Title of answers",
    placeholder: "{agent}",
    advanced: false,
  },
  "accounts.*.replyTo": {
    label: "Application that is posted to",
    advanced: true,
  },
  "accounts.*.partBytes": {
    label: "Length of one message (bytes)",
    advanced: true,
  },
  "accounts.*.fromAgents": {
    label: "What agents may add",
    advanced: true,
  },
  "accounts.*.fromAgents.intentUrls": {
    label: "Agents may open Android intents",
    advanced: true,
  },
  "accounts.*.fromAgents.extras": {
    label: "Agents may add extras",
    advanced: true,
  },
  "accounts.*.fromAgents.imageHosts": {
    label: "Hosts whose images agents may show",
    advanced: true,
  },
  "accounts.*.responsePrefix": {
    label: "Text in front of answers",
    placeholder: "auto",
    advanced: true,
  },
  "accounts.*.markdown": {
    label: "Markdown",
    advanced: true,
  },
  "accounts.*.markdown.tables": {
    label: "Tables",
    advanced: true,
  },
  "accounts.*.textChunkLimit": {
    label: "Length of one message (characters)",
    advanced: true,
  },
  "accounts.*.streaming": {
    label: "Long answers",
    advanced: true,
  },
  "accounts.*.streaming.chunkMode": {
    label: "Where long answers are split",
    advanced: true,
  },
  "accounts.*.streaming.block": {
    label: "Blocks",
    advanced: true,
  },
  "accounts.*.streaming.block.enabled": {
    label: "Push answers in blocks",
    advanced: true,
  },
  "accounts.*.streaming.block.coalesce": {
    label: "Size of blocks",
    advanced: true,
  },
  "accounts.*.streaming.block.coalesce.minChars": {
    label: "Smallest block (characters)",
    advanced: true,
  },
  "accounts.*.streaming.block.coalesce.maxChars": {
    label: "Largest block (characters)",
    advanced: true,
  },
  "accounts.*.streaming.block.coalesce.idleMs": {
    label: "Wait for more text (ms)",
    advanced: true,
  },
  "accounts.*.mediaMaxMb": {
    label: "Largest picture (MB)",
    advanced: true,
  },
  "accounts.*.dmHistoryLimit": {
    label: "Turns the model sees",
    advanced: true,
  },
  "accounts.*.dms": {
    label: "Turns the model sees, by conversation",
    advanced: true,
  },
  "accounts.*.dms.*": {
    label: "Conversation",
  },
  "accounts.*.dms.*.historyLimit": {
    label: "Turns the model sees",
    advanced: true,
  },
  "accounts.*.defaultTo": {
    label: "Conversation when none is named",
    placeholder: "app:5",
    advanced: true,
  },
  "accounts.*.configWrites": {
    label: "Commands may change the configuration",
    advanced: true,
  },
  "accounts.*.healthMonitor": {
    label: "Health monitor",
    advanced: true,
  },
  "accounts.*.healthMonitor.enabled": {
    label: "Restart when unhealthy",
    advanced: true,
  },
  "accounts.*.capabilities": {
    label: "Capabilities to tell the agent",
    advanced: true,
  },
} as const;
