import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect } from "vitest";
import { compile, dropIn } from "./world/plugin";
import { Server } from "./world/server";
import { argument, callable } from "./world/stock";
import { closeBrowser, test } from "./world/test";

const markup = "<img src=x onerror=alert(1)><script>alert(2)</script>\"'`";

let server: Server;
beforeAll(async () => {
  server = await Server.start("--keep-arguments");
  const file = compile(join(import.meta.dirname, "plugins/hostile.c"));
  dropIn(file, server.libraries, "hostile");
  copyFileSync(file, join(server.libraries, "lib<img src=x onerror=alert(1)>.so"));
  await callable(server, "hostile::answer");
  const labels = { [markup.slice(0, 60)]: markup, __proto__: markup };
  await server.submit({ taskId: markup, method: "hostile::answer", labels });
  await server.submit({ taskId: "..", method: "ping", args: [argument.string(markup)] });
  await server.submit({
    taskId: `dead ${markup}`,
    method: "hostile::fail",
    args: [argument.map({ [markup]: argument.string(markup) })],
    retry: { maxAttempts: 1 },
    labels,
  });
  await server.submit({
    taskId: `later ${markup}`,
    method: "ping",
    startAt: new Date(Date.now() + 3_600_000).toISOString(),
    detached: true,
    labels,
  });
});
afterAll(async () => {
  await closeBrowser();
  await server?.kill();
});

const shown = "<img src=x onerror=alert(1)>";

test("what tasks, plugins and clients say is shown as text on every page", async ({ page }) => {
  for (const [path, words] of [
    ["/", "hostile"],
    ["/runs", shown],
    [`/runs/${encodeURIComponent(markup)}`, shown],
    ["/runs/~..", shown],
    [`/runs/${encodeURIComponent(`dead ${markup}`)}`, shown],
    ["/tasks", shown],
    ["/tasks/hostile%3A%3Aanswer", shown],
    ["/plugins", shown],
    ["/plugins/hostile", "hostile::answer"],
    [`/plugins/${encodeURIComponent(shown)}`, shown],
    ["/letters", shown],
    [`/letters/${encodeURIComponent(`dead ${markup}`)}`, shown],
    ["/queue", shown],
    ["/audit", "Audit"],
    [`/runs?id=${encodeURIComponent(markup)}`, shown],
    [`/tasks?name=${encodeURIComponent(markup)}`, "No task is called so."],
  ] as const) {
    await page.goto(server.url + path);
    await page.locator("main").getByText(words).first().waitFor();
    const made = await page.evaluate(() => ({
      images: document.querySelectorAll("main img, main script, main iframe").length,
      links: [...document.querySelectorAll("a")].filter((a) => a.origin !== location.origin).length,
      turned: /[\p{Cf}\p{Cs}]/u.test(document.body.textContent ?? ""),
    }));
    expect(made, path).toEqual({ images: 0, links: 0, turned: false });
  }
});

test("a hostile task is run by its form", async ({ page }) => {
  await page.goto(`${server.url}/tasks/hostile%3A%3Aanswer`);
  const form = page.getByRole("form");
  await form.getByLabel("Give _script").check();
  await form.getByLabel("_script", { exact: true }).fill(markup);
  await form.getByLabel("Give alert").check();
  await form.getByLabel("Give __proto__").check();
  await form.getByLabel("__proto__", { exact: true }).fill(markup);
  await form.getByRole("button", { name: "Run", exact: true }).click();
  await page.getByRole("article").getByText("succeeded").waitFor();
  expect(await page.getByRole("article").getByText(shown).count()).toBeGreaterThan(0);
});
