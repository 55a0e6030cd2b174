import { createHash } from "node:crypto";
import { mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, inject } from "vitest";
import { Server } from "./world/server";
import { spoil, stock } from "./world/stock";
import { closeBrowser, test } from "./world/test";

let server: Server;
beforeAll(async () => {
  const roles = join(mkdtempSync(join(inject("folder"), "roles-")), "roles");
  const line = (name: string, role: string) =>
    `${name} ${role} sha256:${createHash("sha256").update(token(name)).digest("hex")}\n`;
  writeFileSync(roles, line("vera", "viewer") + line("otto", "operator"), { mode: 0o600 });
  server = await Server.start(
    "--admin-role-file",
    roles,
    "--admin-hide-values",
    "--keep-arguments",
  );
  await stock(server);
  await spoil(server, "spoilt-4");
});
afterAll(async () => {
  await closeBrowser();
  await server?.kill();
});

/** A token as long as real ones. */
function token(name: string): string {
  return `${name}-`.repeat(12);
}

async function signIn(page: Page, name: string): Promise<void> {
  await page.goto(server.url);
  await page.getByLabel("Token").fill(token(name));
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { name: "Overview" }).waitFor();
}

test("a wrong token is refused, in words", async ({ page, watched }) => {
  watched.allow(/401/);
  await page.goto(server.url);
  await page.getByLabel("Token").fill(token("nobody"));
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("alert").waitFor();
  expect(await page.getByRole("navigation").count()).toBe(0);
});

test("a viewer sees, is offered no changes, and is refused them", async ({ page, watched }) => {
  watched.allow(/401|403/);
  await signIn(page, "vera");
  for (const [path, words] of [
    ["/tasks/add", "About"],
    ["/plugins/demo", "Versions"],
    ["/letters", "spoilt-4"],
    ["/queue", "later-1"],
    ["/cluster", "This node"],
  ] as const) {
    await page.goto(server.url + path);
    await page.getByText(words).first().waitFor();
    const buttons = page.locator("main").getByRole("button", {
      name: /^(Run|Load|Unload|Reload|Retry|Drop|Cancel all|Drain|Resume)/,
    });
    expect(await buttons.allInnerTexts(), path).toEqual([]);
  }
  const status = await page.evaluate(async () => {
    const response = await fetch("/taskscheduler.admin.v1.AdminService/Drain", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: "{}",
    });
    return response.status;
  });
  expect(status).toBe(403);
});

test("what a viewer was refused is in the audit that an operator sees", async ({
  page,
  watched,
}) => {
  watched.allow(/401|403/);
  await signIn(page, "vera");
  await page.evaluate(() =>
    fetch("/taskscheduler.admin.v1.AdminService/Resume", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: "{}",
    }).then((response) => response.text()),
  );
  await page.context().clearCookies();
  await signIn(page, "otto");
  await page.goto(`${server.url}/audit?failed=true&text=resume`);
  const line = page.getByRole("table", { name: "Audit" }).getByRole("row").filter({
    hasText: "resume",
  });
  await line.getByText("token vera").first().waitFor();
  await line.getByText("viewer", { exact: true }).waitFor();
  await line.getByText("failed", { exact: true }).waitFor();
  await line
    .getByText(/this takes the role operator, and token vera has the role viewer/)
    .waitFor();
});

test("one question tells the page that a token is wanted", async ({ page, watched }) => {
  watched.allow(/401/);
  const refused: string[] = [];
  page.on("response", (response) => {
    if (response.status() === 401) refused.push(response.url());
  });
  await signIn(page, "vera");
  await page.getByText("Nothing waits.").or(page.getByRole("table")).first().waitFor();
  expect(refused.length, refused.join(" ")).toBe(1);
});

test("a viewer is told that the audit is for others", async ({ page, watched }) => {
  watched.allow(/401/);
  await signIn(page, "vera");
  await page.getByRole("link", { name: "Audit" }).click();
  await page.getByText("Your role doesn't see the audit.").waitFor();
  await page.getByText("You have the role viewer.").waitFor();
  expect(await page.locator("main").getByRole("button").count()).toBe(0);
});

test("a viewer is not shown what tasks are called with and return", async ({ page, watched }) => {
  watched.allow(/401/);
  await signIn(page, "vera");
  await page.goto(`${server.url}/runs/kept`);
  await page.getByText("demo::summarize").first().waitFor();
  await page
    .getByText(/not shown|hidden/)
    .first()
    .waitFor();
  expect(await page.locator("main").textContent()).not.toContain("three");
});

test("an operator may run tasks; no script sees the session", async ({ page, watched }) => {
  watched.allow(/401/);
  await signIn(page, "otto");
  expect(await page.evaluate(() => document.cookie)).toBe("");
  const kept = await page.evaluate(() =>
    JSON.stringify([{ ...localStorage }, { ...sessionStorage }]),
  );
  expect(kept).not.toContain(token("otto"));
  await page.goto(`${server.url}/tasks/ping`);
  await page.getByRole("button", { name: "Run", exact: true }).click();
  await page.getByText("succeeded").waitFor();
});
