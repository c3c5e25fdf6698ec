import js from "@eslint/js";
import svelte from "eslint-plugin-svelte";
import globals from "globals";
import ts from "typescript-eslint";
import svelteConfig from "./svelte.config.js";

export default ts.config(
  { ignores: ["dist/", "node_modules/", "test-results/", "src/host/bindings.ts"] },
  js.configs.recommended,
  ...ts.configs.strict,
  ...svelte.configs.recommended,
  { languageOptions: { globals: { ...globals.browser } } },
  {
    files: ["**/*.svelte", "**/*.svelte.ts"],
    languageOptions: { parserOptions: { parser: ts.parser, extraFileExtensions: [".svelte"], svelteConfig } },
  },
  { files: ["tests/**/*.mjs", "*.config.*"], languageOptions: { globals: { ...globals.node } } },
  {
    rules: {
      // What an IPC reply holds is checked by its generated type; `!` after a bounds test is clearer than a dead branch.
      "@typescript-eslint/no-non-null-assertion": "off",
      eqeqeq: "error",
      // Svelte drops the space at the edge of a block; a string in braces is how it is kept.
      "svelte/no-useless-mustaches": "off",
      // Maps and sets here are replaced whole (`$state.raw`) or are not shown.
      "svelte/prefer-svelte-reactivity": "off",
      // Does not count `??=` as a use.
      "no-unused-private-class-members": "off",
      "no-restricted-syntax": [
        "error",
        { selector: "CallExpression[callee.name='eval']", message: "The content policy forbids it." },
      ],
    },
  },
);
