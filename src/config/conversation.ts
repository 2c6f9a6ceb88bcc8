// Owns which conversation a message enters, and how far a sender may choose it.
import { resolveChannelInboundRouteEnvelope } from "openclaw/plugin-sdk/channel-inbound";
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { resolveAccount } from "./accounts.ts";
import { CHANNEL_ID, type ResolvedAccount } from "./types.ts";
import type { GotifyMessage } from "../gotify/message.ts";
import { applicationPeer, assertedPeer, namedPeer, type Peer } from "./peer.ts";
import { isListed } from "./sender-id.ts";

/** Scopes in which a conversation of this channel has a session that no other channel can share. */
const OWN_SCOPES: ReadonlySet<string> = new Set(["per-channel-peer", "per-account-channel-peer"]);

/**
 * The conversation. A name that the sender chose counts only where the operator lets its application
 * choose one, and only where it leads to a session of this channel that nobody else's rule leads to.
 */
export function chooseConversation(
  cfg: OpenClawConfig,
  accountId: string,
  message: GotifyMessage,
): Peer {
  const asserted = assertedPeer(message);
  const named = namedPeer(message);
  const isHeard =
    named !== undefined && mayNameConversation(resolveAccount(cfg, accountId), message.appId);
  const wishes = isHeard ? [named, applicationPeer(message)] : [applicationPeer(message)];
  return (
    wishes.find((peer) => !peer.named || isHarmless(cfg, accountId, peer, asserted)) ?? asserted
  );
}

/** Whether messages of an application may name their conversation; `inbound.peerIdFrom` unset lets all. */
function mayNameConversation(account: ResolvedAccount, appId: number): boolean {
  const { peerIdFrom } = account.inbound;
  return (
    peerIdFrom === undefined || peerIdFrom.includes("*") || isListed(account, peerIdFrom, appId)
  );
}

/**
 * The same agent and scope as the message's own conversation, no binding for that name, no linked
 * identity, and no session that other channels share.
 */
function isHarmless(cfg: OpenClawConfig, accountId: string, wanted: Peer, asserted: Peer): boolean {
  const wantedRoute = resolveRoute(cfg, accountId, wanted).route;
  const ownRoute = resolveRoute(cfg, accountId, asserted).route;
  return (
    wantedRoute.agentId === ownRoute.agentId &&
    wantedRoute.dmScope === ownRoute.dmScope &&
    OWN_SCOPES.has(wantedRoute.dmScope ?? "") &&
    !wantedRoute.matchedBy.startsWith("binding.peer") &&
    !isPersonsName(cfg, wanted.id) &&
    // One of a person's identities: the host has put the person's name in its place.
    wantedRoute.sessionKey.endsWith(`:direct:${wanted.id}`)
  );
}

/** A linked person's name is the session that all of the person's identities lead to. */
function isPersonsName(cfg: OpenClawConfig, name: string): boolean {
  const people = Object.keys(cfg.session?.identityLinks ?? {});
  return people.some((person) => person.trim().toLowerCase() === name);
}

/** The agent and the session that the host gives a conversation. */
export function resolveRoute(
  cfg: OpenClawConfig,
  accountId: string,
  peer: Peer,
): ReturnType<typeof resolveChannelInboundRouteEnvelope> {
  return resolveChannelInboundRouteEnvelope({
    cfg,
    channel: CHANNEL_ID,
    accountId,
    peer: { kind: "direct", id: peer.id },
  });
}
