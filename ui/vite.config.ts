import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";

export default defineConfig({
  plugins: [svelte()],
  // One page served from anywhere: the window's own protocol, or the development host.
  base: "./",
  build: {
    outDir: "dist",
    target: ["es2022", "safari16"],
    // The content policy allows no data: address, so nothing is inlined.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 600,
  },
  server: { port: 5173, strictPort: false },
  test: { include: ["tests/unit/**/*.test.ts"], environment: "node" },
});
