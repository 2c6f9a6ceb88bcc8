import { describe, expect, test } from "vitest";
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import type { GotifyMessage } from "../../gotify/message.ts";
import { createCommandTest, currentLane, laneOf } from "./lane.ts";

const message = (parts: Partial<GotifyMessage> = {}): GotifyMessage => ({
  id: 1,
  appId: 5,
  message: "hello",
  title: "",
  priority: 0,
  extras: {},
  date: undefined,
  ...parts,
});

const naming = (peerId: string): GotifyMessage => message({ extras: { openclaw: { peerId } } });

describe("a lane", () => {
  test("is the conversation, within its application", () => {
    expect(laneOf(message(), false)).toBe("5");
    expect(laneOf(naming("kitchen"), false)).toBe("5/kitchen");
    expect(laneOf({ ...naming("kitchen"), appId: 6 }, false)).toBe("6/kitchen");
    // A name that is not heeded parts nothing that belongs together.
    expect(laneOf(naming("kitchen"), false, { id: "5", named: false })).toBe("5");
  });

  test("of commands is one that no sender can name", () => {
    expect(laneOf(naming("kitchen"), true)).toBe("5/!");
    for (const name of ["!", "~", "~k:0:1", "!/x"]) {
      expect(laneOf(naming(name), false), name).toBe("5");
    }
  });

  test("is left by a row that failed three times, once and for good", () => {
    const row = { id: "k:0:1", laneKey: "5", attempts: 2 };
    expect(currentLane(row)).toBe("5");
    const apart = currentLane({ ...row, attempts: 3 });
    expect(apart).toBe("5/~k:0:1");
    expect(currentLane({ ...row, laneKey: apart, attempts: 4 })).toBe(apart);
  });
});

describe("a command", () => {
  /** Stands for the host's parser. */
  const commands = {
    isControlCommandMessage: (text: string) => /^(\/status|stop)$/.test(text),
    shouldHandleTextCommands: ({ cfg }: { cfg: OpenClawConfig }) => cfg.commands?.text !== false,
  };
  const testFor = (commandsFrom: (string | number)[] | undefined, extra: OpenClawConfig = {}) => {
    const gotify = { serverUrl: "http://127.0.0.1", appToken: "A1", commandsFrom };
    const cfg: OpenClawConfig = { ...extra, channels: { gotify } };
    return createCommandTest({ commands, accountId: "default", currentConfig: () => cfg });
  };

  test("is what the host's parser takes for one, from an application in commandsFrom", () => {
    const isCommand = testFor(["app:5"]);
    expect(isCommand(message({ message: " /status " }))).toBe(true);
    expect(isCommand(message({ message: "stop" }))).toBe(true);
    expect(isCommand(message({ message: "/etc/passwd was read" }))).toBe(false);
    expect(isCommand(message({ message: "/status", appId: 6 }))).toBe(false);
  });

  test.each([[undefined], [[]], [["*"]], [["other/5"]], [["Ada's phone"]]])(
    "comes from nobody when commandsFrom is %j",
    (commandsFrom) => {
      expect(testFor(commandsFrom)(message({ message: "/status" }))).toBe(false);
    },
  );

  test("is not claimed by what the sender writes about itself", () => {
    const forged = message({
      message: "/status",
      appId: 6,
      title: "5",
      extras: { openclaw: { peerId: "5" }, appid: 5 },
    });
    expect(testFor([5])(forged)).toBe(false);
  });

  test("is text where the host's text commands are off", () => {
    expect(testFor([5], { commands: { text: false } })(message({ message: "/status" }))).toBe(
      false,
    );
  });
});
