import type { Browser, Page } from "playwright-core";
import { test as base } from "vitest";
import { launch, Watched } from "./browser";

let browser: Promise<Browser> | undefined;

/** A test with a page; it fails when the page complains of anything. */
export const test = base.extend<{ watched: Watched; page: Page }>({
  watched: async ({ task }, use) => {
    browser ??= launch();
    const watched = await Watched.open(await browser);
    await use(watched);
    await watched.close(`what the page says in "${task.name}"`);
  },
  page: async ({ watched }, use) => use(watched.page),
});

/** Ends the browser; each file of tests does so at its end. */
export async function closeBrowser(): Promise<void> {
  await (await browser)?.close();
  browser = undefined;
}
