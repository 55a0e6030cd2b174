import { afterAll, beforeAll, expect } from "vitest";
import { Server } from "./world/server";
import { argument } from "./world/stock";
import { closeBrowser, test } from "./world/test";

let server: Server;
beforeAll(async () => {
  server = await Server.start();
});
afterAll(async () => {
  await closeBrowser();
  await server?.kill();
});

const rate = 1000; // tasks a second
const seconds = 8;

test("1,000 events a second lose no key", async ({ page }) => {
  await page.goto(`${server.url}/runs`);
  await page.locator("main h1").waitFor();
  await page.evaluate(() => {
    const kept = globalThis as unknown as { pauses: number[] };
    kept.pauses = [];
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) kept.pauses.push(entry.duration);
    }).observe({ type: "longtask" });
  });
  let ended = 0;
  const began = Date.now();
  const submitting = (async () => {
    while (Date.now() - began < seconds * 1000) {
      const due = Math.floor(((Date.now() - began) / 1000) * rate) - ended;
      if (due > 0) {
        const tasks = Array.from({ length: Math.min(due, rate) }, () => ({
          method: "add",
          args: [argument.int(1)],
        }));
        await server.call("SubmitBatch", { tasks });
        ended += tasks.length;
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  })();
  const field = page.locator(".search input");
  await field.click();
  let typed = "";
  while (Date.now() - began < seconds * 1000 - 500) {
    const word = `key${typed.length} `;
    await page.keyboard.type(word);
    typed += word;
  }
  await submitting;
  expect(await field.inputValue()).toBe(typed);
  const pauses = await page.evaluate(() => (globalThis as unknown as { pauses: number[] }).pauses);
  const perSecond = Math.round(ended / ((Date.now() - began) / 1000));
  console.info(
    `${perSecond} events a second: ${typed.length} keys typed, the longest pause was ` +
      `${Math.max(0, ...pauses).toFixed(0)} ms, ${pauses.length} over 50 ms`,
  );
  expect(perSecond).toBeGreaterThan(100);
  // The page is there still, and shows the newest.
  await page.getByRole("row").filter({ hasText: "add" }).first().waitFor();
});
