import js from "@eslint/js";
import globals from "globals";

const rules = {
  ...js.configs.recommended.rules,
  "eqeqeq": ["error", "always", { null: "ignore" }],
  "max-lines-per-function": ["error", { max: 60, skipBlankLines: true, skipComments: true }],
  "no-console": "error",
  "no-implicit-globals": "error",
  "no-restricted-properties": ["error", { property: "innerHTML", message: "Use textContent: strings may come from outside." }],
  "no-unused-vars": ["error", { argsIgnorePattern: "^_" }],
  "no-var": "error",
  "prefer-const": "error",
};

export default [
  { ignores: ["node_modules/", "staticfiles/", ".venv/", "var/"] },
  { files: ["static/js/**/*.js"], languageOptions: { globals: globals.browser }, rules },
  { files: ["static/js/**/*_worker.js"], languageOptions: { globals: globals.worker }, rules },
  // A suite is one long function of short tests.
  { files: ["tests/js/**/*.js"], languageOptions: { globals: globals.node }, rules: { ...rules, "max-lines-per-function": "off" } },
];
