// Owns what the host is told about the channel's secrets: where they may stand, and which account each of them belongs to.
import type { ChannelPlugin } from "openclaw/plugin-sdk/channel-core";
import {
  collectSecretInputAssignment,
  createChannelSecretTargetRegistryEntries,
} from "openclaw/plugin-sdk/channel-secret-basic-runtime";
import { asObject, type JsonObject } from "../gotify/parse.ts";
import { listAccountIds, ownConfig } from "./account-ids.ts";
import { HEALTH_TOKEN_KEY, SECRET_KEYS, secretPlaces, type SecretPlace } from "./secret-places.ts";
import { CHANNEL_ID } from "./types.ts";

type Contract = NonNullable<ChannelPlugin["secrets"]>;
type Collect = NonNullable<Contract["collectRuntimeConfigAssignments"]>;
type Assignment = Parameters<typeof collectSecretInputAssignment>[0];

/** No account waits for it: without its token the route lets nobody in. */
const HEALTH_ROUTE: NonNullable<Assignment["owner"]> = {
  ownerKind: "route",
  ownerId: `${CHANNEL_ID}:health`,
  requiredForGateway: false,
  disposition: "isolate",
};

const patterns = SECRET_KEYS.map((keys) => keys.join("."));

/** For `openclaw secrets audit` and `configure`, and for what the host hides when it shows a configuration. */
export const secretTargetRegistryEntries: NonNullable<Contract["secretTargetRegistryEntries"]> =
  createChannelSecretTargetRegistryEntries({
    channelKey: CHANNEL_ID,
    account: patterns,
    channel: [...patterns, HEALTH_TOKEN_KEY],
  });

/**
 * Names every reference in the configuration to the host, with the account it is for: one that cannot be
 * resolved keeps that account from starting, and no other. The host puts the values into `config` itself.
 */
export const collectRuntimeConfigAssignments: Collect = ({ config, defaults, context }) => {
  const section = asObject(config.channels?.[CHANNEL_ID]);
  if (section === undefined) return;
  const isOn = (id: string): boolean =>
    section["enabled"] !== false && ownConfig(section, id)?.["enabled"] !== false;
  for (const place of secretPlaces(section, listAccountIds(config))) {
    const apply = setterFor(section, place);
    if (apply === undefined) continue;
    const common = {
      value: place.value,
      path: pathOf(place),
      expected: "string",
      defaults,
      context,
      apply,
    } as const;
    const users = place.users.filter(isOn);
    if (users.length === 0) {
      const inactiveReason = "no Gotify account that is switched on uses it.";
      collectSecretInputAssignment({ ...common, active: false, inactiveReason });
    }
    for (const id of users) {
      collectSecretInputAssignment({ ...common, owner: ownerOf(section, id) });
    }
  }
  collectSecretInputAssignment({
    value: section[HEALTH_TOKEN_KEY],
    path: `channels.${CHANNEL_ID}.${HEALTH_TOKEN_KEY}`,
    expected: "string",
    defaults,
    context,
    active: section["enabled"] !== false,
    inactiveReason: "the Gotify channel is switched off.",
    owner: HEALTH_ROUTE,
    apply: (value) => {
      Reflect.set(section, HEALTH_TOKEN_KEY, value);
    },
  });
};

/** The account as the host knows it, and what must be unchanged for it to go on with the last value it had. */
function ownerOf(section: JsonObject, id: string): NonNullable<Assignment["owner"]> {
  const { accounts: _accounts, [HEALTH_TOKEN_KEY]: _health, ...root } = section;
  return {
    ownerKind: "account",
    ownerId: `${CHANNEL_ID}:${id}`,
    requiredForGateway: false,
    disposition: "isolate",
    contract: { root, account: ownConfig(section, id) },
  };
}

function setterFor(
  section: JsonObject,
  place: SecretPlace,
): ((value: unknown) => void) | undefined {
  const start =
    place.account === undefined ? section : asObject(section["accounts"])?.[place.account];
  const name = place.keys.at(-1);
  const holder = place.keys
    .slice(0, -1)
    .reduce<unknown>((value, key) => asObject(value)?.[key], start);
  if (name === undefined || typeof holder !== "object" || holder === null) return undefined;
  return (value) => {
    Reflect.set(holder, name, value);
  };
}

/** As the host writes it: it looks up by this text which variable a value came from. */
function pathOf({ account, keys }: SecretPlace): string {
  const segments = [
    "channels",
    CHANNEL_ID,
    ...(account === undefined ? [] : ["accounts", account]),
  ];
  return [...segments, ...keys].reduce((path, key) => {
    if (!/^[A-Za-z_$][\w$:-]*$/.test(key)) return `${path}[${JSON.stringify(key)}]`;
    return path === "" ? key : `${path}.${key}`;
  }, "");
}
