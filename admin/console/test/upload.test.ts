import { readFileSync } from "node:fs";
import type { Page } from "playwright-core";
import { afterAll, beforeAll } from "vitest";
import { compile, example } from "./world/plugin";
import { Server } from "./world/server";
import { closeBrowser, test } from "./world/test";

let server: Server;
beforeAll(async () => {
  server = await Server.start("--plugin-upload");
});
afterAll(async () => {
  await closeBrowser();
  await server?.kill();
});

/** Drops a file onto the page, as a reader does. */
async function drop(page: Page, name: string, content: Buffer): Promise<void> {
  const transfer = await page.evaluateHandle(
    ([file, base64]) => {
      const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
      const data = new DataTransfer();
      data.items.add(new File([bytes], file));
      return data;
    },
    [name, content.toString("base64")] as const,
  );
  await page.getByRole("region", { name: "Upload a plugin" }).dispatchEvent("drop", {
    dataTransfer: transfer,
  });
}

test("a plugin is dropped, checked, put in place, replaced and brought back", async ({
  page,
  watched,
}) => {
  watched.allow(/400|412|Failed to load resource/); // what is refused
  await page.goto(`${server.url}/plugins`);
  await drop(page, "libmade.so", Buffer.from("no library"));
  await page.getByRole("alert").getByText("libmade.so is refused").waitFor();

  await drop(page, "libmade.so", readFileSync(compile(example)));
  const dialog = page.getByRole("dialog");
  await dialog.getByText("made::multiply").waitFor();
  await dialog.getByRole("button", { name: "Add the plugin" }).click();
  await page.getByRole("link", { name: "made", exact: true }).waitFor();

  await drop(page, "libmade.so", readFileSync(compile(example, "-DANOTHER", "-O2")));
  await dialog.getByRole("button", { name: "Replace the plugin" }).click();
  await page.getByText("libmade.so is in place.").waitFor();
  await page.getByRole("link", { name: "made", exact: true }).click();
  await page.getByRole("button", { name: "Bring back" }).click();
  await page.getByRole("button", { name: "Bring it back" }).click();
  await page.getByText(/made is [0-9a-f]{12} again/).waitFor();
});
