import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { AxeResults } from "axe-core";
import { afterAll, beforeAll, expect } from "vitest";
import { paths } from "./world/pages";
import { Server } from "./world/server";
import { stock } from "./world/stock";
import { closeBrowser, test } from "./world/test";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

let server: Server;
beforeAll(async () => {
  server = await Server.start("--keep-arguments");
  await stock(server);
});
afterAll(async () => {
  await closeBrowser();
  await server?.kill();
});

test("no page has anything serious against it, light or dark", async ({ page }) => {
  const found: string[] = [];
  for (const path of paths) {
    await page.goto(server.url + path);
    await page.locator("main h1").waitFor();
    await page.waitForFunction(() => !document.querySelector("main p.busy:not(.list p)"));
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      // By the driver, which no policy of the page's forbids it.
      const results = await page.evaluate(async (source): Promise<AxeResults> => {
        // biome-ignore lint/security/noGlobalEval: it is a tool's, and the test's own
        globalThis.eval?.(source);
        return (globalThis as unknown as { axe: { run: () => Promise<AxeResults> } }).axe.run();
      }, axe);
      for (const v of results.violations) {
        if (v.impact !== "serious" && v.impact !== "critical") continue;
        found.push(`${path} (${colorScheme}): ${v.id}: ${v.nodes.map((n) => n.html).slice(0, 3)}`);
      }
    }
  }
  expect(found).toEqual([]);
});

test("each page has its name in the window's title, and no page is wider than a telephone", async ({
  page,
}) => {
  await page.setViewportSize({ width: 360, height: 780 });
  const titles = new Set<string>();
  for (const path of paths) {
    await page.goto(server.url + path);
    await page.waitForFunction(() => !document.querySelector("main p.busy:not(.list p)"));
    titles.add(await page.title());
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(wide, `${path} is wider than the screen by`).toBeLessThanOrEqual(0);
    const cut = await page.evaluate(() =>
      [...document.querySelectorAll(".table-frame")]
        .filter((frame) => frame.scrollWidth > frame.clientWidth)
        .map((frame) => frame.querySelector("caption")?.textContent),
    );
    expect(cut, `tables of ${path} that are cut off`).toEqual([]);
  }
  expect(titles.size).toBe(paths.length);
});

test("a list's rows reach from one side of its frame to the other", async ({ page }) => {
  for (const path of ["/runs", "/letters"]) {
    await page.goto(server.url + path);
    await page.locator(".list-row").first().waitFor();
    const [frame, row] = await page.evaluate(() =>
      [".list-table", ".list-row"].map((name) => {
        const { left, right } = document.querySelector(name)?.getBoundingClientRect() ?? {};
        return { left, right };
      }),
    );
    expect(row, path).toEqual(frame);
  }
});

test("keys lead anywhere, and ? tells them", async ({ page }) => {
  await page.goto(server.url);
  await page.locator("main h1").waitFor();
  for (const [keys, name] of [
    ["gr", "Runs"],
    ["gt", "Tasks"],
    ["gp", "Plugins"],
    ["gd", "Dead letters"],
    ["gq", "Queue"],
    ["gc", "Cluster"],
    ["ga", "Audit"],
    ["go", "Overview"],
  ] as const) {
    await page.keyboard.type(keys);
    await page.getByRole("heading", { name, level: 1 }).waitFor();
  }
  await page.keyboard.press("?");
  await page.getByRole("dialog").getByText("goes to Dead letters").waitFor();
  await page.keyboard.press("Escape");
  await page.keyboard.press("/");
  await page.keyboard.type("later-");
  await page.keyboard.press("Enter");
  await page.waitForURL("**/runs?id=later-");
  await page.getByRole("link", { name: "later-2" }).waitFor();
});

test("what is acted on says how many it would be, and a drop can be undone", async ({ page }) => {
  await page.goto(`${server.url}/letters`);
  await page.getByRole("link", { name: "spoilt-3" }).waitFor();
  await page.getByLabel("id", { exact: true }).fill("spoilt-");
  await page.waitForURL("**/letters?id=spoilt-");
  await page.getByRole("button", { name: "Drop all found" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText("It would be 3 dead letters").waitFor();
  await dialog.getByRole("button", { name: "Drop 3 dead letters" }).click();
  await page.getByText("No dead letter is so.").waitFor();
  await page.getByRole("button", { name: "Undo" }).click();
  await page.getByRole("link", { name: "spoilt-3" }).click();
  await page.getByRole("button", { name: "Retry" }).click();
  await page.waitForURL("**/runs/*");
});

test("runs to come are cancelled by a filter", async ({ page }) => {
  await page.goto(`${server.url}/queue?id=later-2`);
  await page.getByRole("link", { name: "later-2" }).waitFor();
  expect(await page.getByRole("link", { name: /later-/ }).count()).toBe(1);
  await page.goto(`${server.url}/queue?id=later-`);
  await page.getByRole("link", { name: "later-1" }).waitFor();
  await page.getByRole("button", { name: "Cancel all found" }).click();
  await page.getByText("It would be 3 runs").waitFor();
  await page.getByRole("button", { name: "Cancel 3 runs" }).click();
  await page.getByText("3 runs cancelled.").waitFor();
  await page.getByText("Nothing waits for its time.").waitFor();
});

test("cancelling many tells how far it is, and stops", async ({ page }) => {
  const startAt = new Date(Date.now() + 3_600_000).toISOString();
  const many = Array.from({ length: 450 }, (_, i) => `many-${i}`);
  await Promise.all(
    many.map((taskId) => server.submit({ taskId, method: "ping", startAt, detached: true })),
  );
  let goOn = () => {};
  const held = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  let calls = 0;
  await page.route("**/CancelExecutions", async (route) => {
    if (++calls === 3) await held; // the one after the dry run and the first
    await route.continue();
  });
  await page.goto(`${server.url}/queue?id=many-`);
  await page.getByRole("button", { name: "Cancel all found" }).click();
  await page.getByRole("button", { name: "Cancel 450 runs" }).click();
  await page.getByText("200 of 450 runs").waitFor();
  await page.getByRole("button", { name: "Stop" }).click();
  goOn();
  await page.getByText("400 runs cancelled, the others left as they were.").waitFor();
  await page.getByRole("button", { name: "Cancel all found" }).click();
  await page.getByRole("button", { name: "Cancel 50 runs" }).click();
  await page.getByText("50 runs cancelled.", { exact: true }).waitFor();
});

test("a plugin is unloaded and loaded again, a node drained and resumed", async ({ page }) => {
  await page.goto(`${server.url}/plugins/demo`);
  await page.getByRole("button", { name: "Unload" }).click();
  await page.getByRole("button", { name: "Unload the plugin" }).click();
  await page.getByText("unloaded", { exact: true }).waitFor();
  await page.getByRole("button", { name: "Load", exact: true }).click();
  await page.getByText("serving", { exact: true }).first().waitFor();
  await page.goto(`${server.url}/cluster`);
  await page.getByRole("button", { name: /^Drain / }).click();
  await page.getByRole("button", { name: "Drain the node" }).click();
  const node = page.getByRole("row").filter({ hasText: "(this one)" });
  await node.getByText("draining", { exact: true }).waitFor();
  await page.getByRole("button", { name: "Resume" }).click();
  await node.getByText("serving", { exact: true }).waitFor();
});

test("the audit shows a change as it is made", async ({ page, watched }) => {
  watched.allow(/404/);
  await page.goto(`${server.url}/audit?text=nobody-s-run`);
  await page.getByText("No change fits the filter.").waitFor();
  await page.locator(".liveness.good").waitFor();
  await page.evaluate(() =>
    fetch("/taskscheduler.admin.v1.AdminService/CancelExecution", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ id: "nobody-s-run" }),
    }).then((response) => response.text()),
  );
  await page.getByRole("row").filter({ hasText: "cancel execution" }).waitFor();
});

test("a node's methods are listed when its line is unfolded", async ({ page }) => {
  await page.goto(`${server.url}/cluster`);
  await page.locator("details.methods summary").click();
  await page.getByRole("link", { name: "fibonacci" }).click();
  await page.getByRole("heading", { name: "fibonacci", level: 1 }).waitFor();
});
