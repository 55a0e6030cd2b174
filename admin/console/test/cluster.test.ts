import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, expect, inject } from "vitest";
import { build } from "./world/build";
import { Server } from "./world/server";
import { closeBrowser, test } from "./world/test";

const names = ["node-a", "node-b", "node-c"] as const;

let servers: Server[] = [];
beforeAll(async () => {
  const secret = join(inject("folder"), "cluster-secret");
  writeFileSync(secret, "a secret that is for these tests alone, and long", { mode: 0o600 });
  const addresses = await Promise.all(names.map(freeAddress));
  servers = await Promise.all(
    names.map((name, i) =>
      Server.start(
        `--node-id=${name}`,
        `--data-dir=${join(inject("folder"), name)}`,
        `--cluster-listen=${addresses[i]}`,
        `--cluster-secret=${secret}`,
        "--lease=3s",
        ...addresses.filter((_, other) => other !== i).map((a) => `--cluster-join=${a}`),
      ),
    ),
  );
});
afterAll(async () => {
  await closeBrowser();
  await Promise.all(servers.map((s) => s.kill()));
});

/** An address where nothing listens now. */
async function freeAddress(): Promise<string> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, "close");
  return `127.0.0.1:${port}`;
}

test("the cluster page tells which nodes there are, and steers each", async ({ page }) => {
  const [first] = servers as [Server];
  await page.goto(`${first.url}/cluster`);
  const nodes = page.getByRole("table", { name: "Nodes" });
  for (const name of names) await nodes.getByRole("row").filter({ hasText: name }).waitFor();
  await nodes.getByText("leads").waitFor();
  const streams = page.getByRole("table", { name: "Streams" });
  await streams.getByRole("row").filter({ hasText: "node-c" }).first().waitFor();
  await page.locator("details.methods summary", { hasText: "node-c" }).click();
  await page.getByRole("link", { name: "fibonacci" }).waitFor();

  const other = nodes.getByRole("row").filter({ hasText: "node-b" });
  await page.getByRole("button", { name: "Drain node-b" }).click();
  await page.getByRole("button", { name: "Drain the node" }).click();
  await other.getByText("draining", { exact: true }).waitFor();
  await page.getByRole("button", { name: "Resume node-b" }).click();
  await other.getByText("serving", { exact: true }).waitFor();

  // Whom it was asked of, and who has done it: whichever node shows the page.
  await page.goto(`${servers[2]?.url}/audit`);
  const audit = page.getByRole("table", { name: "Audit" });
  for (const name of ["node-a", "node-b"]) {
    const lines = audit.getByRole("row").filter({ hasText: name });
    await lines.filter({ hasText: "drain" }).first().waitFor();
    await lines.filter({ hasText: "resume" }).first().waitFor();
  }
});

test("the overview tells what waits by node", async ({ page }) => {
  const [first, second] = servers as [Server, Server, Server];
  const startAt = new Date(Date.now() + 3_600_000).toISOString();
  for (let i = 0; i < 4; i++) {
    await second.submit({ taskId: `later-${i}`, method: "ping", startAt, detached: true });
  }
  await page.goto(first.url);
  const queue = page.getByRole("table", { name: "Queue by node" });
  const row = (name: string) => queue.getByRole("row").filter({ hasText: name });
  await row("node-a").getByText("(this one)").waitFor();
  await row("node-b").getByRole("cell", { name: "4", exact: true }).first().waitFor();
  const both = page.getByRole("table", { name: "Queue by method and node" });
  await both.getByRole("row").filter({ hasText: "ping" }).filter({ hasText: "node-b" }).waitFor();
  await row("node-b").getByRole("link", { name: "node-b" }).click();
  await page.getByRole("link", { name: "later-3" }).waitFor();
});

test("a node that is gone is told of, and can be removed", async ({ page }) => {
  const [first, , third] = servers as [Server, Server, Server];
  await page.goto(first.url);
  await page.getByRole("heading", { name: "Overview" }).waitFor();
  await third.kill();
  const row = page.getByRole("table", { name: "Queue by node" }).getByRole("row");
  await row.filter({ hasText: "node-c" }).getByText("gone").waitFor();
  await page.getByRole("link", { name: "See the cluster" }).click();
  const nodes = page.getByRole("table", { name: "Nodes" });
  await nodes.getByRole("row").filter({ hasText: "node-c" }).getByText("gone").waitFor();
  await page.getByRole("button", { name: "Remove node-c" }).waitFor();
});

test("a node of another version is marked while the nodes are upgraded", async ({ page }) => {
  const [first, , third] = servers as [Server, Server, Server];
  const newer = join(inject("folder"), "newer");
  const version = "github.com/taskscheduler/taskscheduler/cmd.version=v999.1.0";
  await third.restart(build(newer, `-ldflags=-s -w -X ${version}`));
  await page.goto(`${first.url}/cluster`);
  await page
    .getByText(/The nodes have 2 versions: .* on node-a, node-b; v999\.1\.0 on node-c\./)
    .waitFor();
  const row = page.getByRole("table", { name: "Nodes" }).getByRole("row");
  await row
    .filter({ hasText: "node-c" })
    .getByText("v999.1.0")
    .and(page.locator(".badge"))
    .waitFor();
  await row.filter({ hasText: "node-c" }).getByText("serving", { exact: true }).waitFor();
  expect(
    await row
      .filter({ hasText: /node-[ab]/ })
      .getByText("v999.1.0")
      .count(),
  ).toBe(0);
});
