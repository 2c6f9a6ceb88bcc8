// Owns how the channel's form looks in the host's Control UI: labels, what comes first, accounts, and no token on the page.
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, expect, onTestFinished, test } from "vitest";
import { startBrowser } from "../rendered/browser.ts";
import { startGotifySide } from "../support/gotify-side.ts";
import { openStage } from "./stage.ts";

/** As wide as a window on a desktop, and as a phone. Much larger ones are too much for a browser without a screen. */
const SIZES_PX = { desktop: { width: 1280, height: 1400 }, phone: { width: 390, height: 844 } };
/** The page is loaded by a Gateway that has just started. */
const LOAD_TIMEOUT_MS = 30_000;
/** What the page shows, also inside the components' own trees, and what stands in its fields. */
const EVERYTHING = `(() => {
  const texts = [];
  const read = (root) => {
    texts.push(root.innerHTML ?? "");
    for (const element of root.querySelectorAll("*")) {
      if ("value" in element) texts.push(String(element.value));
      if (element.shadowRoot) read(element.shadowRoot);
    }
  };
  read(document);
  read(document.documentElement);
  return texts.join("\\n");
})()`;

const started = await startBrowser();
if ("reason" in started) console.warn(`Not looked at in the Control UI: ${started.reason}`);

afterAll(async () => {
  if ("browser" in started) await started.browser.close();
});

test.skipIf("reason" in started)(
  "the form shows labels, puts first what everybody needs, lists accounts and hides every token",
  async () => {
    if ("reason" in started) return;
    const [side, work] = await Promise.all([startGotifySide(), startGotifySide()]);
    onTestFinished(side.stop);
    onTestFinished(work.stop);
    const gotify = { ...side.account(), accounts: { work: work.account() } };
    const { gateway, stop } = await openStage({ gotify, script: () => "unused" });
    onTestFinished(stop);
    const page = await started.browser.newPage({ viewport: SIZES_PX.desktop });
    page.setDefaultTimeout(LOAD_TIMEOUT_MS);
    await page.goto(`${gateway.url}/#token=${gateway.token}`);
    await page.getByRole("link", { name: "Plugins" }).first().waitFor();
    await page.goto(`${gateway.url}/channels`);
    await page.getByText("Gotify", { exact: true }).first().click();

    const form = async (): Promise<string> => {
      const text = await page.locator("body").innerText();
      return text.split("Channel status and configuration.").at(-1) ?? "";
    };
    // Accounts are folded up, and come first.
    const field = (label: string) =>
      page.getByLabel(label, { exact: true }).filter({ visible: true }).first();
    await field("Server URL").waitFor();
    const basic = await form();
    for (const label of [
      "Server URL",
      "Application token",
      "Client token",
      "Who may talk",
      "Allowed applications",
      "Applications that may give commands",
      "Receiving",
    ]) {
      expect(basic, label).toMatch(new RegExp(`^${label}$`, "m"));
    }
    expect(basic).toContain("Address of the Gotify server");
    expect(basic).not.toContain("First reconnect delay");
    expect(basic).not.toContain("Unsupported");
    expect(basic).toContain("work");

    const folder = mkdtempSync(join(tmpdir(), "openclaw-gotify-control-ui-"));
    console.log(`Screenshots: ${folder}`);
    await page.screenshot({ path: join(folder, "desktop.png") });
    await page.locator("summary").filter({ hasText: "Additional named accounts" }).click();
    await page
      .locator("summary")
      .filter({ hasText: /advanced settings/i })
      .click();
    await field("Length of one message (bytes)").waitFor();
    expect(await field("Key: work").inputValue()).toBe("work");
    // Twice each: the channel's own, and the account's, which the host labels itself where it has a name for it.
    const tokens = page.getByLabel(/^(?:Application token|App Token|Client token)$/);
    expect(await tokens.count()).toBeGreaterThanOrEqual(4);
    for (const token of await tokens.all()) {
      expect(await token.inputValue()).toBe("");
      expect(await token.getAttribute("placeholder")).toMatch(/redacted/);
    }
    await expectNoSecret(page, [...side.secrets(), ...work.secrets()]);

    await page.setViewportSize(SIZES_PX.phone);
    await page.getByLabel("Server URL", { exact: true }).last().scrollIntoViewIfNeeded();
    await page.screenshot({ path: join(folder, "phone.png") });
    const box = await page.getByLabel("Server URL", { exact: true }).last().boundingBox();
    expect((box?.x ?? 0) + (box?.width ?? Infinity)).toBeLessThanOrEqual(SIZES_PX.phone.width);
  },
);

async function expectNoSecret(page: Page, secrets: readonly string[]): Promise<void> {
  const shown = String(await page.evaluate(EVERYTHING));
  // The reading itself works: an address is no secret.
  expect(shown).toContain("http://127.0.0.1");
  for (const secret of secrets) expect(shown).not.toContain(secret);
}
