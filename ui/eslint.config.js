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
      "no-restricted-syntax": [
        "error",
        { selector: "CallExpression[callee.name='eval']", message: "The content policy forbids it." },
      ],
    },
  },
);
