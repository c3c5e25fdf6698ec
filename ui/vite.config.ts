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

interface Modules {
  getModuleInfo(id: string): { isEntry: boolean; importers: readonly string[] } | null;
}

/** Whether the entry needs a module before it runs: by a chain of imports none of which waits. */
function isFirst(id: string, modules: Modules, seen = new Set<string>()): boolean {
  if (seen.has(id)) return false;
  seen.add(id);
  const info = modules.getModuleInfo(id);
  return info !== null && (info.isEntry || info.importers.some((by) => isFirst(by, modules, seen)));
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
    // What the first screen needs is one file, since each boundary costs; what only later screens share stays out of it.
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: (id, context) => (isFirst(id, context) ? "first" : null), debugName: "first" }] } } },
    chunkSizeWarningLimit: 600,
  },
  // The pages of measures are not the program.
  optimizeDeps: { entries: ["index.html"] },
  server: { port: 5173, strictPort: false },
  test: { include: ["tests/unit/**/*.test.ts"], environment: "node" },
});
