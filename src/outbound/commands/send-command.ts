// Owns `openclaw gotify send` as it is registered. What it does is loaded when it runs, because every CLI start registers this.
import type { OpenClawPluginApi } from "openclaw/plugin-sdk/channel-core";
import type { SendOptions } from "./send-command-run.ts";

type Command = Parameters<Parameters<OpenClawPluginApi["registerCli"]>[0]>[0]["program"];

/** @param gotify the command `openclaw gotify`. */
export function addSendCommand(gotify: Command): void {
  gotify
    .command("send")
    .description("Post a message with everything that Gotify can show")
    .option("--to <target>", "the conversation: app:<id>, app:<name>, peer:<name>, account:<id>")
    .option("--app <application>", "short for --to app:<id or name>")
    .option("--account <id>", "the account to post with; default: the default account")
    .option("--message <text>", "the text, in Markdown")
    .option("--title <text>", "the title")
    .option("--priority <number or name>", "a number, or min, low, normal, high, max")
    .option("--content-type <type>", "markdown or plain; default: what the text looks like")
    .option("--click-url <url>", "opened by a tap on the notification")
    .option("--big-image <url>", "shown large in Android's notification")
    .option("--intent-url <url>", "opened by the Android app when the message arrives")
    .option("--extras <json>", "further extras: an object with a member for each namespace")
    .option("--media <path or url>", "attach an image or a file; may be repeated", collected)
    .option("--silent", "without a sound")
    .option("--json", "print the result as JSON")
    .action(async (options: SendOptions) => {
      const [{ sendFromCommandLine }, { sendReply }] = await Promise.all([
        import("./send-command-run.ts"),
        import("../send.ts"),
      ]);
      process.exitCode = await sendFromCommandLine(options, { send: sendReply });
    });
}

function collected(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value];
}
