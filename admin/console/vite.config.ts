import { defineConfig } from "vitest/config";

// Every byte that is built depends on this folder alone: names are hashes of what
// is in a file, and nothing tells when or where it was built.
export default defineConfig({
  build: {
    target: "es2022",
    outDir: "dist",
    assetsDir: "assets",
    // The page's content security policy forbids scripts and styles in the document,
    // so nothing is inlined and no helper is injected.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    cssCodeSplit: false,
    reportCompressedSize: false,
  },
  server: {
    // `npm run dev` beside a server: what isn't a file here, its admin port answers.
    proxy: { "/taskscheduler": "http://127.0.0.1:50052", "/session": "http://127.0.0.1:50052" },
  },
  test: { include: ["src/**/*.test.ts"] },
});
