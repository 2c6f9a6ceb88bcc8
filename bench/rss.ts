// Owns how much memory a process takes while something happens: the highest growth of its resident set.

const SAMPLE_MS = 25;

export interface RssWatch {
  readonly begin: () => void;
  /** Bytes from the beginning to the peak. */
  readonly growth: () => number;
}

export function watchRss(): RssWatch {
  let first = 0;
  let peak = 0;
  let timer: NodeJS.Timeout | undefined;
  const sample = (): void => {
    peak = Math.max(peak, process.memoryUsage.rss());
  };
  return {
    begin() {
      globalThis.gc?.();
      first = process.memoryUsage.rss();
      peak = first;
      clearInterval(timer);
      timer = setInterval(sample, SAMPLE_MS).unref();
    },
    growth() {
      sample();
      return peak - first;
    },
  };
}
