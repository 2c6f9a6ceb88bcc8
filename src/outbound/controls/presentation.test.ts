import {
  buildTypedExecApprovalPendingReplyPayload,
  buildTypedPluginApprovalPendingReplyPayload,
} from "openclaw/plugin-sdk/approval-reply-runtime";
import {
  renderPresentationForDelivery,
  type MessagePresentation,
} from "openclaw/plugin-sdk/interactive-runtime";
import type { ReplyPayload } from "openclaw/plugin-sdk/reply-payload";
import { expect, test } from "vitest";
import { replyOf } from "./native.ts";
import { presentationCapabilities, renderPresentation } from "./presentation.ts";

/** The way of the host's own delivery, and what the channel reads of it in the end. */
async function deliver(payload: ReplyPayload) {
  const rendered = await renderPresentationForDelivery(
    {
      presentationCapabilities,
      renderPresentation: ({ presentation, ...rest }) =>
        renderPresentation({ ...rest, presentation }, presentation),
    },
    payload,
  );
  expect(rendered).not.toHaveProperty("presentation");
  return replyOf(rendered, { silent: false });
}

const present = (blocks: MessagePresentation["blocks"], rest: ReplyPayload = {}, title?: string) =>
  deliver({ ...rest, presentation: { blocks, ...(title === undefined ? {} : { title }) } });

test("blocks become paragraphs, and a table stays one", async () => {
  const { text, native } = await present(
    [
      { type: "divider" },
      { type: "text", text: "All **good**." },
      { type: "divider" },
      {
        type: "table",
        caption: "Open",
        headers: ["Name", "Count"],
        rows: [
          ["a|b", 1],
          ["c\nd", 2],
        ],
      },
      { type: "context", text: "As of today." },
    ],
    { text: "Hello." },
    "Report",
  );
  expect(text).toBe(
    [
      "Hello.",
      "## Report",
      "All **good**.",
      "---",
      "**Open**\n\n| Name | Count |\n| --- | --- |\n| a\\|b | 1 |\n| c d | 2 |",
      "As of today.",
    ].join("\n\n"),
  );
  expect(native.contentType).toBe("text/markdown");
});

test("a title that the text begins with is not said twice", async () => {
  const { text } = await present(
    [{ type: "text", text: "x" }],
    { text: "**Report**\n\na" },
    "Report",
  );
  expect(text).toBe("**Report**\n\na\n\nx");
});

test("a chart is written out", async () => {
  const { text } = await present([
    { type: "chart", chartType: "pie", title: "Share", segments: [{ label: "A", value: 2 }] },
  ]);
  expect(text).toContain("Share");
  expect(text).toContain("- A: 2");
});

test("URL buttons are links, and a tap opens the first of them that leads to the web", async () => {
  const { text, native } = await present([
    {
      type: "buttons",
      buttons: [
        { label: "App", action: { type: "url", url: "intent://x" } },
        { label: "A [1]", action: { type: "url", url: "https://x/a(1)" } },
        { label: "B", action: { type: "web-app", url: "https://x/b" } },
        { label: "Later", action: { type: "url", url: "https://x/c" }, disabled: true },
      ],
    },
  ]);
  expect(text).toBe(
    "- App: `intent://x`\n- [A \\[1\\]](https://x/a%281%29)\n- [B](https://x/b)\n- Later",
  );
  expect(native.clickUrl).toBe("https://x/a(1)");
});

test("a click target that is set already stays", async () => {
  const { native } = await present(
    [{ type: "buttons", buttons: [{ label: "A", action: { type: "url", url: "https://x/" } }] }],
    { channelData: { gotify: { clickUrl: "https://mine/" } } },
  );
  expect(native.clickUrl).toBe("https://mine/");
});

test("command buttons are lines to send back, and what only the host understands is not shown", async () => {
  const { text, kind } = await present([
    {
      type: "buttons",
      buttons: [
        { label: "Status", action: { type: "command", command: "/status `x`" } },
        { label: "Go", action: { type: "callback", value: "secret-42" } },
      ],
    },
    {
      type: "select",
      placeholder: "Mode",
      options: [
        { label: "Fast", action: { type: "command", command: "/fast on" } },
        { label: "Slow", action: { type: "callback", value: "slow" } },
      ],
    },
  ]);
  expect(text).toBe(
    [
      "To choose it, send this back:\n\n- Status: `` /status `x` ``\n- Go",
      "Mode: To choose it, send this back:\n\n- Fast: `/fast on`\n- Slow",
    ].join("\n\n"),
  );
  expect(kind).toBe("answer");
});

test("every decision on a plugin's request is a line to send back", async () => {
  const { text, kind } = await deliver(
    buildTypedPluginApprovalPendingReplyPayload({
      request: {
        id: "plugin:abc",
        request: { title: "Deploy", description: "to production" },
        createdAtMs: 0,
        expiresAtMs: 60_000,
      },
      nowMs: 0,
    }),
  );
  expect(kind).toBe("approval");
  for (const decision of ["allow-once", "allow-always", "deny"]) {
    expect(text).toMatch(new RegExp(`^- .*: \`/approve plugin:abc ${decision}\`$`, "m"));
  }
});

test("every decision on a command is a line to send back", async () => {
  const approvalId = "0b6c6a52-6a0e-4d0e-9d0b-5f3f3a9f7a11";
  const { text, kind } = await deliver(
    buildTypedExecApprovalPendingReplyPayload({
      approvalId,
      approvalSlug: approvalId.slice(0, 8),
      command: "rm -rf build",
      host: "gateway",
    }),
  );
  expect(kind).toBe("approval");
  expect(text).toContain("rm -rf build");
  expect(text).toContain(`\`/approve ${approvalId} allow-once\``);
  expect(text).toContain(`\`/approve ${approvalId} deny\``);
});

test("decisions that the text has as lines already are not repeated", async () => {
  const text = "Approve?\n\n```\n/approve a1 allow-once\n/approve a1 deny\n```";
  const reply = await present(
    [
      {
        type: "buttons",
        buttons: (["allow-once", "deny"] as const).map((decision) => ({
          label: decision,
          action: { type: "approval", approvalId: "a1", approvalKind: "exec", decision },
        })),
      },
    ],
    { text },
  );
  expect(reply.text).toBe(text);
  expect(reply.kind).toBe("approval");
});

test("rendering leaves the host's payload alone", () => {
  const presentation: MessagePresentation = { blocks: [{ type: "text", text: "x" }] };
  const payload = Object.freeze({
    text: "a",
    channelData: Object.freeze({ other: 1 }),
    presentation,
  });
  expect(renderPresentation(payload, presentation)).toEqual({
    text: "a\n\nx",
    channelData: { other: 1, gotify: { contentType: "text/markdown" } },
  });
});
