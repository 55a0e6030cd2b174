import { afterAll, beforeAll } from "vitest";
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

test("a server that goes away is told, and when it is back the page goes on", async ({
  page,
  watched,
}) => {
  watched.allow(/ERR_|Failed to load resource|net::/);
  await page.goto(server.url);
  const liveness = page.locator(".liveness");
  await liveness.getByText("live", { exact: true }).waitFor();
  await server.kill();
  await liveness.getByText(/cut off since/).waitFor();
  // What was known is there still.
  await page.getByRole("heading", { name: "Overview" }).waitFor();
  await server.restart();
  await liveness.getByText("live", { exact: true }).waitFor();
  await page.keyboard.type("gr");
  await server.submit({ taskId: "after-the-restart", method: "ping" });
  await page.getByRole("link", { name: "after-the-restart" }).waitFor();
});
