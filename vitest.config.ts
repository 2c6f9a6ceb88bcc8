// Owns the test layout: the suites with their own needs, and how their results are reported.
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    // Two cores: the host suite runs a Gateway, which takes one of them for itself.
    maxWorkers: 2,
    projects: [
      {
        test: {
          name: "unit",
          include: [
            "src/**/*.test.ts",
            "scripts/**/*.test.ts",
            "test/{emulator,support}/**/*.test.ts",
          ],
          testTimeout: 10_000,
        },
      },
      {
        test: {
          name: "contract",
          include: ["test/contract/**/*.test.ts"],
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: "faults",
          include: ["test/faults/**/*.test.ts"],
          testTimeout: 600_000,
        },
      },
      {
        test: {
          name: "package",
          include: ["test/package/**/*.test.ts"],
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: "rendered",
          include: ["test/rendered/**/*.test.ts"],
          testTimeout: 20_000,
          // The first run unpacks the browser.
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: "full",
          include: ["test/full/**/*.test.ts"],
          testTimeout: 600_000,
        },
      },
      {
        test: {
          name: "host",
          include: ["test/host/**/*.test.ts"],
          globalSetup: ["test/host/install.ts"],
          setupFiles: ["test/host/no-leaks.ts"],
          testTimeout: 120_000,
          hookTimeout: 240_000,
          // One Gateway at a time: two cold starts on two cores only slow each other down.
          fileParallelism: false,
        },
      },
    ],
  },
});
