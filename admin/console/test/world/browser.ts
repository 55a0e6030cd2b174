import { type Browser, chromium, type Page } from "playwright-core";
import { expect } from "vitest";

/** Starts the browser that CHROMIUM names, or the system's. */
export function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    // Without a sandbox of its own: tests run as any user, in containers too, and open
    // nothing but this server's page.
    args: ["--no-sandbox", "--disable-dev-shm-usage"],
  });
}

/** A page that keeps what it complains of: errors, and what its policy has refused. */
export class Watched {
  private readonly complaints: string[] = [];
  private expected: RegExp[] = [];

  private constructor(readonly page: Page) {}

  static async open(browser: Browser, options = {}): Promise<Watched> {
    const context = await browser.newContext({
      viewport: { width: 1280, height: 800 },
      ...options,
    });
    const watched = new Watched(await context.newPage());
    const { page } = watched;
    page.setDefaultTimeout(Number(process.env.PATIENCE ?? 60_000));
    page.on("pageerror", (error) => watched.complaints.push(`uncaught ${error.message}`));
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") {
        watched.complaints.push(message.text());
      }
    });
    page.on("dialog", (dialog) => {
      watched.complaints.push(`a dialog says ${dialog.message()}`);
      dialog.dismiss();
    });
    await page.exposeFunction("refused", (what: string) => {
      watched.complaints.push(`the policy has refused ${what}`);
    });
    await page.addInitScript(() => {
      addEventListener("securitypolicyviolation", (event) => {
        const tell = (globalThis as unknown as { refused: (what: string) => void }).refused;
        tell(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`);
      });
    });
    return watched;
  }

  /** Complaints that a test brings about, such as those of a server that is gone. */
  allow(...patterns: RegExp[]): void {
    this.expected.push(...patterns);
  }

  /** Fails when there were others, and closes the page. */
  async close(what: string): Promise<void> {
    await this.page.context().close();
    const wrong = this.complaints.filter((c) => !this.expected.some((e) => e.test(c)));
    expect(wrong, what).toEqual([]);
  }
}
