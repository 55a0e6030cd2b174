import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  export interface ProvidedContext {
    /** The server's program, built of this tree, with the page that is in dist. */
    program: string;
    /** A folder that is removed at the end. */
    folder: string;
  }
}

/** The top of the repository. */
export const root = join(import.meta.dirname, "../../../..");

/** Builds the server once for all tests. */
export default function setup(project: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), "console-test-"));
  project.provide("program", build(join(folder, "task-scheduler")));
  project.provide("folder", folder);
  return () => rmSync(folder, { recursive: true, force: true });
}

/** Builds the server; what it says its version is, is the linker's alone to say. */
export function build(program: string, ...flags: string[]): string {
  execFileSync("go", ["build", "-o", program, ...flags, "./cmd/task-scheduler"], {
    cwd: root,
    stdio: "inherit",
    env: { ...process.env, CGO_ENABLED: "0" },
  });
  return program;
}
