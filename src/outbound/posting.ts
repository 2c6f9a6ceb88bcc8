// Owns what every post of this process shares: what is known of servers, of doubts, and of what waits.
import { createPostingGuard, type PostingGuard } from "./post/posting-guard.ts";
import { postingHost, type PostingHost } from "./post/posting-host.ts";
import { createSigns, type Signs } from "./post/signs.ts";

/** What a post needs: the process, and what it knows of servers and of its own posts. */
export interface Posting {
  readonly host: PostingHost;
  readonly guard: PostingGuard;
  readonly signs: Signs;
}

let shared: Posting | undefined;

/** The one of this process, so that all its posts share what is known. */
export function sharedPosting(): Posting {
  shared ??= createPosting(postingHost());
  return shared;
}

export function createPosting(host: PostingHost): Posting {
  return { host, guard: createPostingGuard(host), signs: createSigns(host) };
}
