import { execFileSync } from "node:child_process";
import { copyFileSync, mkdtempSync, renameSync } from "node:fs";
import { join } from "node:path";
import { inject } from "vitest";
import { root } from "./build";

/** Compiles a plugin that is written in C; returns its file. */
export function compile(source: string, ...flags: string[]): string {
  const folder = mkdtempSync(join(inject("folder"), "plugin-"));
  const file = join(folder, "plugin.so");
  const include = `-I${join(root, "abi")}`;
  execFileSync("cc", [
    "-shared",
    "-fPIC",
    "-O1",
    include,
    ...flags,
    "-o",
    file,
    source,
    "-lpthread",
  ]);
  return file;
}

/** The example that is written in C. */
export const example = join(root, "examples/plugins/c/plugin.c");

/** Puts a plugin's file into a library directory, whole at once. */
export function dropIn(file: string, libraries: string, name: string): void {
  const hidden = join(libraries, `.${name}`);
  copyFileSync(file, hidden);
  renameSync(hidden, join(libraries, `lib${name}.so`));
}
