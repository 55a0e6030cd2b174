import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, inject } from "vitest";
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

test("the overview tells what waits by node, and that one is gone", async ({ page }) => {
  const [first, second, third] = servers as [Server, Server, Server];
  const startAt = new Date(Date.now() + 3_600_000).toISOString();
  for (let i = 0; i < 4; i++) {
    await second.submit({ taskId: `later-${i}`, method: "ping", startAt, detached: true });
  }
  await page.goto(first.url);
  const queue = page.getByRole("table", { name: "Queue by node" });
  const row = (name: string) => queue.getByRole("row").filter({ hasText: name });
  await row("node-a").getByText("(this one)").waitFor();
  await row("node-b").getByRole("cell", { name: "4", exact: true }).first().waitFor();
  await third.kill();
  await row("node-c").getByText("gone").waitFor();
  await page.getByRole("link", { name: "See the cluster" }).click();
  await page.getByRole("button", { name: "Remove node-c" }).waitFor();
  await page.keyboard.type("go");
  await row("node-b").getByRole("link", { name: "node-b" }).click();
  await page.getByRole("link", { name: "later-3" }).waitFor();
});
