// Owns fetching an image from a host the operator allows: guarded by the host, bounded, without a token and without redirects.
import { fetchWithSsrFGuard } from "openclaw/plugin-sdk/ssrf-runtime";
import { MAX_IMAGE_BYTES } from "./image-bytes.ts";

const SECOND_MS = 1_000;
const TIMEOUT_MS = 10 * SECOND_MS;

/** The bytes behind an address, at most {@link MAX_IMAGE_BYTES}. @throws when there are none to be had. */
export type FetchImage = (url: string, signal: AbortSignal) => Promise<Buffer>;

/** Through the host's guard, which pins the address; the listed host itself may be on the local network. */
export const fetchImage: FetchImage = async (url, signal) => {
  const { hostname } = new URL(url);
  const { response, release } = await fetchWithSsrFGuard({
    url,
    init: { headers: { Accept: "image/png, image/jpeg, image/gif, image/webp" } },
    policy: { allowedHostnames: [hostname], hostnameAllowlist: [hostname] },
    maxRedirects: 0,
    timeoutMs: TIMEOUT_MS,
    signal,
    auditContext: "gotify-inbound-image",
  });
  try {
    if (!response.ok) throw new Error(`it answered ${response.status}`);
    return await readBounded(response);
  } finally {
    await release();
  }
};

async function readBounded(response: Response): Promise<Buffer> {
  if (Number(response.headers.get("content-length") ?? 0) > MAX_IMAGE_BYTES) throw tooLarge();
  const body: AsyncIterable<unknown> | null = response.body;
  if (body === null) throw new Error("it answered nothing");
  const chunks: Uint8Array[] = [];
  let size = 0;
  // Leaving the loop early ends the download.
  for await (const chunk of body) {
    if (!(chunk instanceof Uint8Array)) throw new Error("it answered no bytes");
    size += chunk.byteLength;
    if (size > MAX_IMAGE_BYTES) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function tooLarge(): Error {
  return new Error(`it is larger than ${MAX_IMAGE_BYTES / 1024 / 1024} MB`);
}
