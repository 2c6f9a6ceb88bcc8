// Owns which controls count: an operator's all, an agent's only those that nobody could misuse through it.
import { isAllowedImageUrl } from "../../config/images.ts";
import type { ResolvedAccount } from "../../config/types.ts";
import { compact, type JsonObject } from "../../gotify/parse.ts";
import type { NativeControls, Reply } from "../reply.ts";

export interface AllowedControls {
  readonly controls: NativeControls;
  /** Addresses of images from hosts that are not listed, to be linked instead. */
  readonly links: readonly string[];
  /** Why something does not count, each in one line that says what would be allowed. */
  readonly dropped: readonly string[];
}

/** What is longer is no address that anything opens. */
const MAX_ADDRESS_CHARS = 2_048;
/** Written from the other controls, or by the channel itself. */
const OWN_NAMESPACES = new Set([
  "openclaw",
  "client::display",
  "client::notification",
  "android::action",
]);

/** Never throws: a message with something odd beside its text is still sent. */
export function allowedControls(
  native: NativeControls,
  { by, account }: { by: Reply["by"]; account: ResolvedAccount },
): AllowedControls {
  const dropped: string[] = [];
  const links: string[] = [];
  const { fromAgents } = account.outbound;

  const clickUrl = (): string | undefined => {
    if (native.clickUrl === undefined) return undefined;
    if (by === "operator" ? isAddress(native.clickUrl) : isWebAddress(native.clickUrl)) {
      return native.clickUrl;
    }
    dropped.push(
      by === "operator"
        ? "The click URL is not a complete address. Write it with its scheme, e.g. https://example.com/."
        : "The click URL has to begin with http:// or https:// and be at most 2048 characters long.",
    );
    return undefined;
  };

  const bigImageUrl = (): string | undefined => {
    const url = native.bigImageUrl;
    if (url === undefined) return undefined;
    if (!isWebAddress(url)) {
      dropped.push("The big image has to be on the web: an address with http:// or https://.");
      return undefined;
    }
    if (by === "operator" || isAllowedImageUrl(url, fromAgents.imageHosts)) return url;
    // As it is parsed, so that nothing in it ends the link and begins an image.
    links.push(new URL(url).href);
    return undefined;
  };

  const intentUrl = (): string | undefined => {
    if (native.intentUrl === undefined) return undefined;
    if (by === "agent" && !fromAgents.intentUrls) {
      dropped.push("Intent URLs from agents are not allowed (fromAgents.intentUrls).");
      return undefined;
    }
    if (isAddress(native.intentUrl)) return native.intentUrl;
    dropped.push("The intent URL is not a complete address. Write it with its scheme.");
    return undefined;
  };

  const extras = (): JsonObject | undefined => {
    if (native.extras === undefined || Object.keys(native.extras).length === 0) return undefined;
    if (by === "agent" && !fromAgents.extras) {
      dropped.push("Extras from agents are not allowed (fromAgents.extras).");
      return undefined;
    }
    const entries = Object.entries(native.extras);
    const own = entries.map(([key]) => key).filter(isOwnNamespace);
    if (own.length > 0) {
      const instead =
        by === "operator"
          ? "--content-type, --click-url, --big-image and --intent-url"
          : "contentType, clickUrl, bigImageUrl and intentUrl";
      const isOpenClaws = own.every((key) => key.split("::")[0] === "openclaw");
      const advice = isOpenClaws ? "Leave it out" : `Use ${instead}`;
      dropped.push(`The channel writes ${own.join(", ")} itself. ${advice}.`);
    }
    const free = entries.filter(([key]) => !isOwnNamespace(key));
    return free.length === 0 ? undefined : Object.fromEntries(free);
  };

  const controls = compact({
    title: native.title,
    priority: native.priority,
    contentType: native.contentType,
    clickUrl: clickUrl(),
    bigImageUrl: bigImageUrl(),
    intentUrl: intentUrl(),
    extras: extras(),
  });
  return { controls, links, dropped };
}

function isWebAddress(text: string): boolean {
  const url = URL.parse(text);
  return (
    url !== null &&
    text.length <= MAX_ADDRESS_CHARS &&
    /^https?:\/\//i.test(text) &&
    !/\s/.test(text)
  );
}

function isAddress(text: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\S+$/i.test(text);
}

/** `openclaw::delivery` and its like are the channel's as well. */
function isOwnNamespace(key: string): boolean {
  return OWN_NAMESPACES.has(key) || key.startsWith("openclaw::");
}
