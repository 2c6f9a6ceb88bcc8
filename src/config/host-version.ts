// Owns telling one version of OpenClaw from another.

/** Year, month and number, as OpenClaw counts. */
export type HostVersion = readonly [year: number, month: number, number: number];

/** `undefined` for what is no such version. */
export function parseHostVersion(text: string | undefined): HostVersion | undefined {
  const [, year, month, number] = /^v?(\d+)\.(\d+)\.(\d+)/.exec(text ?? "")?.map(Number) ?? [];
  if (year === undefined || month === undefined || number === undefined) return undefined;
  return [year, month, number];
}

export function isOlder(version: HostVersion, than: HostVersion): boolean {
  for (const [at, part] of than.entries()) {
    const found = version[at] ?? 0;
    if (found !== part) return found < part;
  }
  return false;
}
