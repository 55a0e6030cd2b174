import { afterAll, beforeAll, expect } from "vitest";
import { compile, dropIn, example } from "./world/plugin";
import { Server } from "./world/server";
import { closeBrowser, test } from "./world/test";

let server: Server;
beforeAll(async () => {
  server = await Server.start();
});
afterAll(async () => {
  await closeBrowser();
  await server?.kill();
});

test("a plugin that is dropped in has its form at once, and runs by it", async ({ page }) => {
  await page.goto(`${server.url}/tasks`);
  await page.getByRole("link", { name: "add", exact: true }).waitFor();
  dropIn(compile(example), server.libraries, "fresh");
  await page.getByRole("link", { name: "fresh::multiply" }).click();

  const form = page.getByRole("form", { name: "Run fresh::multiply" });
  await form.getByRole("button", { name: "Add one" }).click();
  await form.getByLabel("factors 1", { exact: true }).fill("3037000499");
  await form.getByRole("button", { name: "Add one" }).click();
  await form.getByLabel("factors 2", { exact: true }).fill("3037000499");
  await form.getByRole("button", { name: "Run" }).click();
  // More than a double holds.
  await page.getByText("9223372030926249001").waitFor();
  await page.getByText("succeeded").waitFor();
});

test("what is typed is checked before it is sent", async ({ page }) => {
  await page.goto(`${server.url}/tasks/fresh%3A%3Amultiply`);
  const form = page.getByRole("form", { name: "Run fresh::multiply" });
  await form.getByRole("button", { name: "Add one" }).click();
  const field = form.getByLabel("factors 1", { exact: true });
  await field.fill("9223372036854775808");
  await field.blur();
  await form.getByText("want one from -9223372036854775808 to 9223372036854775807").waitFor();
  await field.fill("1.5");
  await form.getByText("want a whole number").waitFor();
  await form.getByRole("button", { name: "Run" }).click();
  await form.getByText("factors 1: want a whole number").waitFor();
  expect(await page.getByRole("article").count()).toBe(0);
});

test("lists and maps are typed by their fields, or as JSON", async ({ page }) => {
  await page.goto(`${server.url}/tasks/fresh%3A%3Asummarize`);
  const form = page.getByRole("form", { name: "Run fresh::summarize" });
  await form.getByRole("button", { name: "Add an item" }).click();
  await form.getByLabel("item 1", { exact: true }).fill("2.5");
  await form.getByRole("button", { name: "Add a key" }).click();
  await form.getByLabel("key 1", { exact: true }).fill("<b>bold</b>");
  await form.getByLabel("value", { exact: true }).fill("1");
  await page.getByRole("button", { name: "Type JSON instead" }).click();
  const json = form.getByRole("textbox", { name: "arguments, as a JSON list" });
  expect(JSON.parse(await json.inputValue())[0]).toEqual([2.5]);
  await json.fill('[[1, "f64:inf"], {"<b>bold</b>": 1}]');
  await form.getByRole("button", { name: "Run" }).click();
  await page.getByText("+Inf").waitFor();
  await page.getByRole("article").getByText("<b>bold</b>").waitFor();
  await page.getByRole("button", { name: "Back to the form" }).click();
  expect(await form.getByLabel("item 2", { exact: true }).inputValue()).toBe("+Inf");
});

test("a run is followed to its end, with its progress and log", async ({ page }) => {
  await page.goto(`${server.url}/tasks/fresh%3A%3Adelayed_echo`);
  const form = page.getByRole("form", { name: "Run fresh::delayed_echo" });
  await form.getByLabel("value", { exact: true }).fill("said later");
  await form.getByLabel("milliseconds", { exact: true }).fill("1500");
  await form.getByText("Options").click();
  await form.getByLabel("id", { exact: true }).fill("followed");
  await form.getByRole("button", { name: "Run" }).click();
  const run = page.getByRole("article", { name: "Run followed" });
  await run.getByText(/running|pending/).waitFor();
  await run.getByText("waiting").waitFor();
  await run.getByText("succeeded").waitFor();
  await run.getByText("said later").waitFor();
  await run.getByRole("link", { name: "followed" }).click();
  await page.waitForURL("**/runs/followed");
  await page.getByRole("heading", { name: "followed" }).waitFor();
});
