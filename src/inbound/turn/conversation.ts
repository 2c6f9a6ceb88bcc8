// Owns which conversation a message enters, and how far a sender may choose it.
import { resolveChannelInboundRouteEnvelope } from "openclaw/plugin-sdk/channel-inbound";
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { CHANNEL_ID } from "../../config/types.ts";
import type { GotifyMessage } from "../../gotify/message.ts";
import { applicationPeer, peerOf, type Peer } from "./peer.ts";

/** Scopes in which a conversation of this channel has a session that no other channel can share. */
const OWN_SCOPES: ReadonlySet<string> = new Set(["per-channel-peer", "per-account-channel-peer"]);

/**
 * The conversation. A name that the sender chose counts only where it leads to a session of this
 * channel that nobody else's rule leads to: the same agent and scope as the application's own, no
 * binding for that name, no linked identity, and no session that other channels share.
 */
export function chooseConversation(
  cfg: OpenClawConfig,
  accountId: string,
  message: GotifyMessage,
): Peer {
  const wanted = peerOf(message);
  if (!wanted.named) return wanted;
  const own = applicationPeer(message);
  const wantedRoute = resolveRoute(cfg, accountId, wanted).route;
  const ownRoute = resolveRoute(cfg, accountId, own).route;
  const isAllowed =
    wantedRoute.agentId === ownRoute.agentId &&
    wantedRoute.dmScope === ownRoute.dmScope &&
    OWN_SCOPES.has(wantedRoute.dmScope ?? "") &&
    !wantedRoute.matchedBy.startsWith("binding.peer") &&
    !isLinkedIdentity(cfg, wanted.id) &&
    wantedRoute.sessionKey.endsWith(`:direct:${wanted.id}`);
  return isAllowed ? wanted : own;
}

/** The name of a linked person is a session that several channels lead to. */
function isLinkedIdentity(cfg: OpenClawConfig, name: string): boolean {
  const links = Object.entries(cfg.session?.identityLinks ?? {});
  return links.some(
    ([person, identities]) =>
      person.toLowerCase() === name ||
      identities.some((identity) => identity.toLowerCase().replace(/^gotify:/, "") === name),
  );
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
