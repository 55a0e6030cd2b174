import { afterAll, beforeAll, expect } from "vitest";
import { compile, dropIn, example } from "./world/plugin";
import { Server } from "./world/server";
import { argument, callable, stock } from "./world/stock";
import { closeBrowser, test } from "./world/test";

let server: Server;
beforeAll(async () => {
  server = await Server.start("--keep-arguments", "--max-pending-tasks=300000");
});
afterAll(async () => {
  await closeBrowser();
  await server?.kill();
});

test("a filter's link shows the same when it is opened anew", async ({ page, watched }) => {
  await stock(server);
  await page.goto(`${server.url}/runs`);
  await page.getByRole("button", { name: "failed" }).click();
  await page.getByLabel("method").fill("fibonacci");
  await page.waitForURL("**/runs?state=failed&method=fibonacci");
  const rows = (p: typeof page) => p.getByRole("row").filter({ hasText: "fibonacci" });
  await expect.poll(() => rows(page).count()).toBe(3);
  const first = await rows(page).allInnerTexts();

  const second = await watched.page.context().newPage();
  await second.goto(page.url());
  await expect.poll(() => rows(second).allInnerTexts()).toEqual(first);
  expect(await second.getByLabel("method").inputValue()).toBe("fibonacci");
  expect(await second.getByRole("row").count()).toBe(4); // with the heading
});

test("a failing task is found within three clicks from the overview", async ({ page }) => {
  for (let i = 0; i < 5; i++) {
    await server.submit({ method: "fibonacci", args: [argument.string("no number")] });
  }
  await page.goto(server.url);
  const failing = page.getByRole("region", { name: "Most failing" });
  const section =
    (await failing.count()) > 0 ? failing : page.locator("section", { hasText: "Most failing" });
  await section.getByRole("link", { name: "fibonacci" }).click();
  await page
    .getByRole("row")
    .filter({ hasText: "INVALID_ARGUMENT" })
    .first()
    .getByRole("link")
    .click();
  await page.waitForURL("**/runs/*");
  await page.getByText("INVALID_ARGUMENT").first().waitFor();
});

test("a run is watched on its page until it ends", async ({ page }) => {
  dropIn(compile(example), server.libraries, "slow");
  await callable(server, "slow::delayed_echo");
  await server.submit({
    taskId: "watched",
    method: "slow::delayed_echo",
    args: [argument.string("it has waited"), argument.int(3000)],
    detached: true,
  });
  await page.goto(`${server.url}/runs/watched`);
  await page.getByText("running").first().waitFor();
  await page.getByText("succeeded").first().waitFor();
  await page.getByText("it has waited").first().waitFor();
});

test("100,000 runs are scrolled to the last", async ({ page }) => {
  const startAt = new Date(Date.now() + 3_600_000).toISOString();
  for (let batch = 0; batch < 10; batch++) {
    const tasks = Array.from({ length: 10_000 }, (_, i) => ({
      taskId: `many-${batch}-${i}`,
      method: "ping",
      startAt,
      detached: true,
    }));
    const answer = await server.call("SubmitBatch", { tasks });
    expect(answer.code, String(answer.message)).toBeUndefined();
  }
  await page.goto(`${server.url}/runs?id=many-`);
  const list = page.locator(".list-body");
  await list.waitFor();
  // Only what is looked at is loaded; how many there are, the server says.
  await page.getByText("the newest 1,000 of 100,000 runs").waitFor();
  // As fast as a reader drags: to the end of what is there, until there is no more.
  for (;;) {
    const rows = await page.evaluate(() => {
      const body = document.querySelector(".list-body");
      if (!body) return 0;
      body.scrollTop = body.scrollHeight;
      return Number(body.closest("[aria-rowcount]")?.getAttribute("aria-rowcount")) - 1;
    });
    if (rows >= 100_000) break;
    await page.waitForFunction(
      (before) =>
        Number(document.querySelector("[aria-rowcount]")?.getAttribute("aria-rowcount")) - 1 >
        before,
      rows,
    );
  }
  await page.getByRole("link", { name: "many-0-0", exact: true }).waitFor();
  const inDocument = await page.locator(".list-row").count();
  expect(inDocument, "rows in the document").toBeLessThan(100);
  const frames = await page.evaluate(scrollThrough);
  console.info(`100,000 runs: ${inDocument} rows in the document; ${frames}`);
});

/** Scrolls a screen at a time, and tells how long frames took. */
async function scrollThrough(): Promise<string> {
  const body = document.querySelector(".list-body");
  if (!body) throw new Error("there is no list");
  const took: number[] = [];
  for (let i = 0; i < 120; i++) {
    const start = performance.now();
    body.scrollTop = (body.scrollHeight / 120) * i;
    await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
    took.push(performance.now() - start);
  }
  took.sort((a, b) => a - b);
  const ms = (x: number | undefined) => `${(x ?? 0).toFixed(1)} ms`;
  return `a jump takes ${ms(took[60])} at the median, ${ms(took[119])} at most`;
}
