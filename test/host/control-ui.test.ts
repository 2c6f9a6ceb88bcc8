// Owns how the channel's form looks in the host's Control UI: labels, what comes first, accounts, fields that take what is allowed, no token.
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, expect, onTestFinished, test } from "vitest";
import { startBrowser } from "../rendered/browser.ts";
import { startGotifySide } from "../support/gotify-side.ts";
import { isJsonObject, readConfig, type OpenClawHome } from "../support/openclaw.ts";
import { waitFor } from "../support/wait.ts";
import { openStage } from "./stage.ts";

/** As wide as a window on a desktop, and as a phone. Much larger ones are too much for a browser without a screen. */
const SIZES_PX = { desktop: { width: 1280, height: 1400 }, phone: { width: 390, height: 844 } };
/** The page is loaded by a Gateway that has just started. */
const LOAD_TIMEOUT_MS = 60_000;
/** A browser without a graphics card paints slowly beside other tests. */
const TEST_TIMEOUT_MS = 300_000;
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

/** Unfolds what is folded, also within what that brings. */
const UNFOLD = `(() => {
  const unfold = (root) => {
    for (const element of root.querySelectorAll("*")) {
      if (element.localName === "details") element.open = true;
      if (element.shadowRoot) unfold(element.shadowRoot);
    }
  };
  unfold(document);
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
    const { gateway, home, stop } = await openStage({ gotify, script: () => "unused" });
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
    // Nothing is left to the raw editor, at the root, in its groups and in the account.
    await page.evaluate(UNFOLD);
    for (const label of ["Priority of errors", "Answer stored messages at first start"]) {
      await field(label).waitFor();
      expect(await field(label).getAttribute("type"), label).toBe("text");
    }
    const everything = await form();
    expect(everything).not.toContain("Unsupported");
    expect(everything).toContain("Ids of the Gotify applications that may talk to the agent");
    expect(everything).toContain("User turns of a conversation that are shown to the model");
    expect(everything).not.toContain("App Token");
    await field("Priority of answers").scrollIntoViewIfNeeded();
    await page.screenshot({ path: join(folder, "priority.png") });
    await page.getByLabel("Application token", { exact: true }).first().scrollIntoViewIfNeeded();
    await page.screenshot({ path: join(folder, "account.png") });
    expect(await field("Key: work").inputValue()).toBe("work");
    // Twice each: the channel's own, and the account's.
    const tokens = page.getByLabel(/^(?:Application token|Client token)$/);
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

    // A number or a name is one field, which takes both, and nothing else.
    await page.setViewportSize(SIZES_PX.desktop);
    const priority = page.getByLabel("Priority of answers", { exact: true }).last();
    const write = async (text: string): Promise<void> => {
      await priority.fill(text);
      await priority.blur();
    };
    await write("loud");
    expect(await priority.getAttribute("aria-invalid")).toBe("true");
    for (const [text, value] of [
      ["high", "high"],
      ["7", 7],
    ] as const) {
      await write(text);
      expect(await priority.getAttribute("aria-invalid")).toBe("false");
      // 2026.8 saves by a button, for the whole form at once; later ones save each field.
      if (await page.getByRole("button", { name: "Save", exact: true }).isVisible()) continue;
      await waitFor(`${text} in the configuration`, () =>
        Promise.resolve(prioritySaved(home) === value ? true : undefined),
      );
    }
  },
  TEST_TIMEOUT_MS,
);

function prioritySaved(home: OpenClawHome): unknown {
  const channels = readConfig(home)["channels"];
  const gotify = isJsonObject(channels) ? channels["gotify"] : undefined;
  return isJsonObject(gotify) ? gotify["defaultPriority"] : undefined;
}

async function expectNoSecret(page: Page, secrets: readonly string[]): Promise<void> {
  const shown = String(await page.evaluate(EVERYTHING));
  // The reading itself works: an address is no secret.
  expect(shown).toContain("http://127.0.0.1");
  for (const secret of secrets) expect(shown).not.toContain(secret);
}
