import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { renderText, type RenderedText } from "../../src/outbound/render/index.ts";
import { startBrowser } from "./browser.ts";
import { TYPICAL_REPLIES } from "./replies.ts";
import { webUiHtml, webUiPage } from "./web-ui.ts";

/** As narrow as phones are, and a window on a desktop. */
const WIDTHS_PX = { phone: 360, desktop: 900 };
const BUDGET = { maxBytes: 3_500 };
const PICTURE = `<svg xmlns="http://www.w3.org/2000/svg" width="800" height="300"><rect width="800" height="300" fill="#7aa"/></svg>`;
/** Names of the elements that reach beyond the window. Code scrolls in its own box. */
const TOO_WIDE = `[...document.querySelectorAll("body *:not(pre *)")]
  .filter((element) => element.getBoundingClientRect().right > innerWidth)
  .map((element) => element.tagName)`;

const started = await startBrowser();

describe.skipIf("reason" in started)("in a browser", () => {
  const folder = mkdtempSync(join(tmpdir(), "openclaw-gotify-rendered-"));
  let page: Page;
  let message: Locator;

  beforeAll(async () => {
    if ("reason" in started) return;
    page = await started.browser.newPage();
    message = page.locator(".content");
    // Nothing leaves the machine: every picture is this one.
    const picture = { contentType: "image/svg+xml", body: PICTURE };
    await page.route("**/*", (route) => route.fulfill(picture));
    console.log(`Screenshots: ${folder}`);
  });

  afterAll(async () => {
    if ("browser" in started) await started.browser.close();
  });

  async function show(parts: readonly RenderedText[], width = WIDTHS_PX.phone): Promise<void> {
    await page.setViewportSize({ width, height: 400 });
    await page.setContent(webUiPage(parts.map(webUiHtml)), { waitUntil: "load" });
  }

  async function shown(text: string): Promise<string> {
    await show(renderText(text, BUDGET));
    return message.innerText();
  }

  async function links(): Promise<(string | null)[]> {
    const found = await message.locator("a").all();
    return Promise.all(found.map((link) => link.getAttribute("href")));
  }

  test.each(TYPICAL_REPLIES)(
    "$name fits a phone and a desktop",
    async ({ name, text, options }) => {
      const parts = renderText(text, { ...BUDGET, ...options });
      for (const [device, width] of Object.entries(WIDTHS_PX)) {
        await show(parts, width);
        const path = join(folder, `${name.replaceAll(" ", "-")}.${device}.png`);
        await page.screenshot({ fullPage: true, path });
        expect(await page.evaluate<unknown>(TOO_WIDE)).toEqual([]);
      }
    },
  );

  test("single line breaks are line breaks, in Markdown and in plain text", async () => {
    const lines = "one\ntwo\nthree";
    expect(await shown(lines)).toBe(lines);
    expect(await shown("**one**\ntwo\nthree")).toBe(lines);
    expect(await shown("- **one**\n  two\n- three")).toBe(lines);
  });

  test("addresses are links, in Markdown and in what was plain text", async () => {
    const address = "https://example.com/a_b?c=1&d=2";
    expect(await shown(`see ${address}, a_b *c* __d__`)).toBe(`see ${address}, a_b c d`);
    expect(await links()).toEqual([address]);
    expect(await shown(`a_b __d__ #e ${address}.`)).toBe(`a_b __d__ #e ${address}.`);
    expect(await links()).toEqual([address]);
    await shown(`**see** ${address}; www.example.org`);
    expect(await links()).toEqual([address, "http://www.example.org"]);
  });

  test("code is shown as it was written", async () => {
    const code = "if a < b:\n    print('*x*')  # https://example.com\n\n    <tag>";
    expect(await shown(`Look:\n\n\`\`\`py\n${code}\n\`\`\``)).toContain(code);
    expect(await message.locator("pre code").textContent()).toBe(`${code}\n`);
    expect(await links()).toEqual([]);
  });

  test("tags are shown as they were written", async () => {
    expect(await shown("**use** <name> & <b>x</b>")).toBe("use <name> & <b>x</b>");
  });

  test("pictures are shown, no wider than the message", async () => {
    await show(renderText("![Plot](https://example.com/plot.png)", BUDGET));
    const box = await message.locator("img").boundingBox();
    expect(box?.width).toBeLessThan(WIDTHS_PX.phone);
    expect(box?.height).toBeGreaterThan(100);
  });

  test("code that was cut is one block in each part, of the same language", async () => {
    const code = Array.from({ length: 60 }, (_, index) => `line_${index} = ${index}\n`).join("");
    const parts = renderText(`\`\`\`py\n${code}\`\`\``, { maxBytes: 500 });
    await show(parts);
    const blocks = await message.locator("pre > code.language-py").allTextContents();
    expect(blocks).toHaveLength(parts.length);
    expect(parts.length).toBeGreaterThan(1);
    expect(blocks.join("")).toBe(code);
  });
});

test("the browser that comes with the packages starts", ({ skip }) => {
  if ("reason" in started) skip(started.reason);
  expect(started).toHaveProperty("browser");
});
