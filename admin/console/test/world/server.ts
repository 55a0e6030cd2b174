import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { inject } from "vitest";

/** A server in a process of its own, with folders that are its alone. */
export class Server {
  /** Where plugins are dropped. */
  readonly libraries: string;
  /** The page's address. */
  url = "";
  /** Where clients call. */
  api = "";
  private child: ChildProcess | undefined;
  private said: string[] = [];
  private program = inject("program");

  private constructor(
    private readonly flags: readonly string[],
    readonly folder: string,
  ) {
    this.libraries = mkdtempSync(join(folder, "libraries-"));
  }

  static async start(...flags: string[]): Promise<Server> {
    const server = new Server(flags, mkdtempSync(join(inject("folder"), "server-")));
    await server.run("127.0.0.1:0", "127.0.0.1:0");
    return server;
  }

  /** Ends it at once, as a crash would. */
  async kill(): Promise<void> {
    const { child } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  }

  /** Starts it again, at the same addresses, and by another program if there is one. */
  async restart(program = this.program): Promise<void> {
    await this.kill();
    this.program = program;
    await this.run(new URL(this.api).host, new URL(this.url).host);
  }

  /** Submits a task through the public rpc; resolves when it has ended, or at once when detached. */
  async submit(request: Record<string, unknown>): Promise<Record<string, unknown>> {
    return this.call("SubmitTask", request);
  }

  /** Calls an rpc of the TaskScheduler, with JSON. A refusal is an answer, too. */
  async call(rpc: string, request: unknown): Promise<Record<string, unknown>> {
    const response = await fetch(`${this.api}/taskscheduler.TaskScheduler/${rpc}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(request),
    });
    return (await response.json()) as Record<string, unknown>;
  }

  private async run(api: string, admin: string): Promise<void> {
    const flags = ["--addr", api, "--admin-addr", admin, "--library-dir", this.libraries];
    const child = spawn(
      this.program,
      ["serve", ...flags, "--log-dir=", "--drain-timeout=1s", ...this.flags],
      { cwd: this.folder, stdio: ["ignore", "pipe", "pipe"] },
    );
    this.child = child;
    this.said = [];
    const both = await Promise.race([
      Promise.all([this.heard(/serving.* addr=(\S+)/), this.heard(/admin listens addr=(\S+)/)]),
      once(child, "exit").then(() => {
        throw new Error(`the server has ended:\n${this.said.join("\n")}`);
      }),
    ]);
    [this.api, this.url] = both.map((host) => `http://${host}`) as [string, string];
  }

  private readonly listeners = new Set<(line: string) => void>();

  /** Waits for a line of the log; resolves to what its group matches. */
  private heard(pattern: RegExp): Promise<string> {
    return new Promise((resolve) => {
      const hear = (line: string) => {
        const [, found] = pattern.exec(line) ?? [];
        if (found === undefined) return;
        this.listeners.delete(hear);
        resolve(found);
      };
      this.listeners.add(hear);
      if (this.listeners.size === 1) this.listen();
    });
  }

  private listen(): void {
    for (const stream of [this.child?.stdout, this.child?.stderr]) {
      if (!stream) continue;
      createInterface(stream).on("line", (line) => {
        this.said.push(line);
        for (const hear of [...this.listeners]) hear(line);
      });
    }
  }
}
