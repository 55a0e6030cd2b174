import { mergeConfig } from "vitest/config";
import config from "./vitest.config.ts";

// The pictures of docs/console.md: not a test, and made by hand when a page has changed.
const shots = mergeConfig(config, { test: { testTimeout: 600_000 } });
shots.test.include = ["shots.ts"];
export default shots;
