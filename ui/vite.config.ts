import { svelte } from "@sveltejs/vite-plugin-svelte";
import { gzipSync } from "node:zlib";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

/** The first screen's script, compressed, in bytes: what a desk loads before it sees anything. */
const BUDGET = 150_000;

/** Fails the build when the script outgrows its budget, or when the invented city of development got into it. */
function budget(): Plugin {
  return {
    name: "budget",
    generateBundle(_, bundle) {
      const scripts = Object.values(bundle).filter((file) => file.type === "chunk");
      // The entry and what it imports; what is fetched when it is asked for comes later.
      const first = new Set(scripts.filter((file) => file.isEntry));
      for (const file of first) scripts.filter((other) => file.imports.includes(other.fileName)).forEach((other) => first.add(other));
      const size = [...first].reduce((sum, file) => sum + gzipSync(file.code).length, 0);
      if (size > BUDGET) this.error(`the script weighs ${size} bytes compressed, over its budget of ${BUDGET}`);
      const strayed = scripts.flatMap((file) => Object.keys(file.modules)).filter((path) => path.includes("/host/fake/"));
      if (strayed.length > 0) this.error(`the fake host is in the bundle: ${strayed.join(", ")}`);
    },
  };
}

export default defineConfig({
  plugins: [svelte(), budget()],
  // One page served from anywhere: the window's own protocol, or the development host.
  base: "./",
  build: {
    outDir: "dist",
    target: ["es2022", "safari16"],
    // The content policy allows no data: address, so nothing is inlined.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // What the first screen and a later one share is one file: each boundary costs.
    rolldownOptions: { output: { advancedChunks: { groups: [{ name: "shared", minShareCount: 2 }] } } },
    chunkSizeWarningLimit: 600,
  },
  server: { port: 5173, strictPort: false },
  test: { include: ["tests/unit/**/*.test.ts"], environment: "node" },
});
