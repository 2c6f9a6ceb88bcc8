// Owns the arithmetic of a comparison: quantiles, and rounds in which bare and ours take turns.

/** The value below which the given part of all values lies; NaN of nothing. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

export interface Rounds<B, O> {
  readonly bare: readonly B[];
  readonly ours: readonly O[];
}

/** Bare, ours, bare, ours: what else the machine does meanwhile meets both. */
export async function interleave<B, O>(
  rounds: number,
  bare: () => Promise<B>,
  ours: () => Promise<O>,
): Promise<Rounds<B, O>> {
  const results: { bare: B[]; ours: O[] } = { bare: [], ours: [] };
  for (let round = 0; round < rounds; round += 1) {
    results.bare.push(await bare());
    results.ours.push(await ours());
  }
  return results;
}
