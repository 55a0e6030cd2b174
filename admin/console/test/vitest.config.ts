import { defineConfig } from "vitest/config";

// Tests in a real browser against a real server, one file after another: a small
// machine has one browser at a time to run. The limits are for one that is very busy.
export default defineConfig({
  root: import.meta.dirname,
  cacheDir: "../node_modules/.vite",
  test: {
    include: ["*.test.ts"],
    globalSetup: "./world/build.ts",
    fileParallelism: false,
    testTimeout: 300_000,
    hookTimeout: 120_000,
  },
});
