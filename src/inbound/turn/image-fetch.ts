// Owns fetching an image from a host the operator allows: guarded by the host, bounded, without a token and without redirects.
import { fetchWithSsrFGuard } from "openclaw/plugin-sdk/ssrf-runtime";

const SECOND_MS = 1_000;
const TIMEOUT_MS = 10 * SECOND_MS;

/** The bytes behind an address, at most `maxBytes`. @throws when there are none to be had. */
export type FetchImage = (url: string, signal: AbortSignal, maxBytes: number) => Promise<Buffer>;

/** Through the host's guard, which pins the address; the listed host itself may be on the local network. */
export const fetchImage: FetchImage = async (url, signal, maxBytes) => {
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
    return await readBounded(response, maxBytes);
  } finally {
    await release();
  }
};

async function readBounded(response: Response, maxBytes: number): Promise<Buffer> {
  if (Number(response.headers.get("content-length") ?? 0) > maxBytes) throw tooLarge(maxBytes);
  const body: AsyncIterable<unknown> | null = response.body;
  if (body === null) throw new Error("it answered nothing");
  const chunks: Uint8Array[] = [];
  let size = 0;
  // Leaving the loop early ends the download.
  for await (const chunk of body) {
    if (!(chunk instanceof Uint8Array)) throw new Error("it answered no bytes");
    size += chunk.byteLength;
    if (size > maxBytes) throw tooLarge(maxBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function tooLarge(maxBytes: number): Error {
  return new Error(`it is larger than ${Number((maxBytes / 1024 / 1024).toFixed(2))} MB`);
}
