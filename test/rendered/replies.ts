// Owns typical replies of agents and texts of alerts, as they come from a model or a script.
import type { RenderTextOptions } from "../../src/outbound/render/index.ts";

export interface TypicalReply {
  readonly name: string;
  readonly text: string;
  readonly options?: Partial<RenderTextOptions>;
}

const LOG = `[2026-11-22T03:00:01Z] WARN disk_usage /dev/sda1 91% (threshold=90%)
[2026-11-22T03:00:01Z] INFO cleanup_job removed *.tmp and *.bak, 5 * 3 * 2 = 30 files
[2026-11-22T03:00:02Z] INFO next_run_at=04:00 host=db_01`;

const LONG_ANSWER = `## What happened

${"The backup job waited for a lock that the nightly vacuum held, and gave up after ten minutes. ".repeat(6)}

## What to do

1. Move the vacuum to 05:00.
   It takes about twenty minutes.
2. Give the backup a longer timeout:

   \`\`\`sh
   sed -i 's/TIMEOUT=600/TIMEOUT=1800/' /etc/backup.conf
   systemctl restart backup.timer
   \`\`\`
3. Look again tomorrow.

${"Nothing was lost: the copy of the day before is complete. ".repeat(5)}`;

export const TYPICAL_REPLIES: readonly TypicalReply[] = [
  { name: "one line", text: "Done." },
  { name: "lines of plain text", text: "Backup finished\n1,204 files\n3.1 GB\nno errors" },
  { name: "paragraphs", text: "I moved the meeting.\n\nAnna knows, Ben does not answer yet." },
  { name: "log lines", text: LOG },
  {
    name: "names with underscores",
    text: "Renamed file_name_one.txt to file_name_two.txt in __pycache__",
  },
  { name: "arithmetic", text: "5 * 3 * 2 = 30, 2**10 = 1024, a*b*c" },
  { name: "number sign", text: "#1 issue of the week: the heating\n#2 the door" },
  {
    name: "plain text with an address",
    text: `Build failed: job_name_x and job_name_y (in __main__)\nhttps://ci.example.com/jobs/12_345/log?x=1&y=2\n\nLogs:\n${LOG}`,
  },
  {
    name: "stack trace with addresses",
    text: "TypeError: x is not a function\n    at run (https://app.example.com/main.js:10:5)\n    at <anonymous> (https://app.example.com/main.js:99:1)",
  },
  {
    name: "addresses beside punctuation",
    text: "See https://example.com/a. (Or https://en.wikipedia.org/wiki/Gotify_(software).) Not: git+https://x.org/y, but www.example.org/z!",
  },
  {
    name: "short answer in bold",
    text: "**Yes.** The window in the cellar is open.\nIt has been since 14:05.",
  },
  {
    name: "list",
    text: "Three things today:\n- call the plumber\n- **pay** the bill\n- answer https://example.com/thread/7\n  before noon",
  },
  {
    name: "numbered list with sub-items",
    text: "1. Stop the service\n   - wait for the queue\n   - then `systemctl stop app`\n2. Copy the data\n3. Start it again",
  },
  { name: "task list", text: "- [x] bread\n- [ ] milk\n- [ ] oats" },
  {
    name: "code",
    text: "Run this:\n\n```bash\n#!/bin/sh\ncurl -fsS https://example.com/install | sh\necho *done*\n```\n\nThen check `status` at https://example.com/status.",
  },
  { name: "unclosed code", text: "Here is the script:\n```python\ndef main():\n    print('hi')\n" },
  {
    name: "heading and sections",
    text: "# Nightly report\n\nAll *green*.\n\n## Details\n\nNothing to do.\nReally.",
  },
  {
    name: "quote",
    text: "Anna wrote:\n\n> I am late.\n> Start without me.\n\n**Shall I** move the meeting?",
  },
  {
    name: "two-column table",
    text: "Status:\n\n| Service | State |\n|---|---|\n| nginx | up |\n| postgres | **down** |\n\nShall I restart it?",
  },
  {
    name: "wide table",
    text: "| Host | CPU | Memory | Note |\n|:--|--:|--:|---|\n| web_01 | 12 % | 1.2 GB | see https://example.com/web_01 |\n| db_01 | 81 % | 14 GB | busy<br>since 3:00 |\n| cache | 3 % | | |",
  },
  {
    name: "table kept as it is",
    text: "| Host | CPU |\n|---|---|\n| web_01 | 12 % |",
    options: { tableMode: "off" },
  },
  {
    name: "table as code",
    text: "| Host | CPU | 备注 |\n|---|---|---|\n| web_01 | 12 % | 正常 |\n| db | **81 %** | `vacuum` |",
    options: { tableMode: "code" },
  },
  {
    name: "German alert",
    text: "⚠️ Wassermelder Keller: Feuchtigkeit erkannt!\nZeit: 22.11.2026 03:14 Uhr\nMaßnahme: Hauptventil geschlossen ✅",
  },
  {
    name: "German answer",
    text: "Klar, hier die **Einkaufsliste** für Samstag:\n\n* 500 g Mehl\n* 2 Äpfel (süß)\n* Öl\n\nGrüße! Mehr unter https://rezepte.example/apfelküchle, falls nötig.",
  },
  {
    name: "Chinese answer",
    text: "好的，已经完成了**备份**。\n文件数：1204\n详情见https://example.com/backup/12。谢谢！",
  },
  { name: "Chinese plain text", text: "服务器温度过高：85℃\n请检查风扇_1 和 风扇_2" },
  {
    name: "emoji",
    text: "🎉 **Release 2.0** is out! 👨‍👩‍👧‍👦 🇩🇪\n🔗 https://example.com/r/2.0 🚀",
  },
  {
    name: "placeholders and tags",
    text: "**Usage:** app <name> [--out <file>]\nLine one<br>line two & more, `<kept>` and <b>not bold</b>",
  },
  {
    name: "links and images",
    text: "[The page](https://example.com/p_(1)) and <https://example.com/q>\n![Plot](https://example.com/plot.png)\n[https://a.example](https://a.example)",
  },
  {
    name: "error of a turn",
    text: "⚠️ The model did not answer: 529 overloaded_error (request_id: req_011_abc). Try again in a minute.",
  },
  {
    name: "JSON",
    text: '{\n  "state": "on",\n  "list": [1, 2, 3],\n  "entity_id": "light.kitchen_1"\n}',
  },
  {
    name: "diff",
    text: "- timeout: 600\n+ timeout: 1800\n- retries: 1\n+ retries: 3",
  },
  { name: "long answer in parts", text: LONG_ANSWER, options: { maxBytes: 600 } },
  {
    name: "long code in parts",
    text: `The log:\n\n\`\`\`text\n${Array.from({ length: 24 }, (_, index) => `${index + 1}: request_id=${1000 + index} status=200 took=${index * 7} ms`).join("\n")}\n\`\`\`\n\nThat is **all**.`,
    options: { maxBytes: 700 },
  },
  {
    name: "long list in parts",
    text: Array.from(
      { length: 8 },
      (_, index) =>
        `- Room ${index + 1}\n  - temperature ${18 + index} °C, window closed\n    - sensor_${index} battery ${90 - index} %\n  - last seen at 0${index}:00`,
    ).join("\n"),
    options: { maxBytes: 500 },
  },
  {
    name: "explicit plain text",
    text: "**not bold**\n# no heading",
    options: { contentType: "text/plain" },
  },
];
