import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, beforeAll } from "vitest";
import { root } from "./world/build";
import { Server } from "./world/server";
import { argument, spoil, stock } from "./world/stock";
import { closeBrowser, test } from "./world/test";

const folder = join(root, "docs/console");

let server: Server;
beforeAll(async () => {
  mkdirSync(folder, { recursive: true });
  server = await Server.start("--keep-arguments", "--node-id=node-1", "--plugin-upload");
  await stock(server);
  const ended = Date.now() + 20_000;
  for (let i = 0; Date.now() < ended; i++) {
    const x = argument.int(i % 90);
    await Promise.all([
      server.submit({ method: "add", args: [x, argument.int(i)] }),
      server.submit({ method: "sum_list", args: [argument.list(x, x)] }),
      server.submit({ method: "echo_string", args: [argument.string(`message ${i}`)] }),
      server.submit({
        method: "demo::delayed_echo",
        args: [argument.string("hello"), argument.int(i % 50)],
        labels: { team: i % 2 ? "red" : "blue" },
      }),
      i % 9 === 0 && server.submit({ method: "sum_list", args: [argument.string("no list")] }),
    ]);
  }
  for (let i = 4; i < 9; i++) await spoil(server, `spoilt-${i}`);
});
afterAll(async () => {
  await closeBrowser();
  await server?.kill();
});

async function fillForm(page: Page): Promise<void> {
  const form = page.getByRole("form", { name: "Run demo::summarize" });
  for (const [i, text] of ["1", "2.5", "many"].entries()) {
    await form.getByRole("button", { name: "Add an item" }).click();
    await form.getByLabel(`item ${i + 1}`, { exact: true }).fill(text);
  }
  await form.getByRole("button", { name: "Add a key" }).click();
  await form.getByLabel("key 1", { exact: true }).fill("unit");
  await form.getByLabel("value", { exact: true }).fill("metre");
  await form.getByText("want a number").waitFor();
  await page.evaluate(() => scrollTo(0, 0));
}

const shots: [string, string, ((page: Page) => Promise<void>)?][] = [
  ["overview", "/"],
  ["runs", "/runs"],
  ["run", "/runs/kept"],
  ["tasks", "/tasks"],
  ["task", "/tasks/demo%3A%3Asummarize", fillForm],
  ["plugins", "/plugins"],
  ["plugin", "/plugins/demo"],
  ["letters", "/letters"],
  ["letter", "/letters/spoilt-4"],
  ["queue", "/queue"],
  ["cluster", "/cluster"],
  ["audit", "/audit"],
];

test("every page is pictured, light and dark", async ({ page }) => {
  await page.goto(`${server.url}/tasks/ping`);
  await page.getByRole("button", { name: "Run", exact: true }).click();
  await page.getByText("succeeded").waitFor();
  for (const [name, path, prepare] of shots) {
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      await page.goto(server.url + path);
      await page.locator("main h1").waitFor();
      await page.waitForFunction(() => !document.querySelector("main p.busy:not(.list p)"));
      await page.waitForFunction(() => document.querySelector(".liveness:is(.good, .none)"));
      await prepare?.(page);
      await page.screenshot({ path: join(folder, `${name}-${colorScheme}.png`) });
    }
  }
});
