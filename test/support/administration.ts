// Owns the surroundings of an administration command in a test: who answers its questions, and what it prints.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { onTestFinished, vi } from "vitest";
import type { Surroundings } from "../../src/admin/surroundings.ts";
import { asObject, parseJson, type JsonObject } from "../../src/gotify/parse.ts";
import {
  createOwnApplications,
  type OwnApplications,
} from "../../src/outbound/target/own-application.ts";

export interface Printed {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  /** What was printed with `--json`; `{}` where it is none. */
  readonly json: JsonObject;
}

export interface Administration {
  /** What stays between commands of one installation. */
  readonly ownApplications: OwnApplications;
  /** Everything that was asked so far. */
  readonly asked: string[];
  /** Everything that was noted beside the answers. */
  readonly notes: string[];
  /** What the command that runs has printed so far. */
  readonly said: () => string;
  /** Runs a command and collects what it prints. */
  readonly run: (
    work: (at: Surroundings) => Promise<number>,
    changes?: Partial<Surroundings>,
  ) => Promise<Printed>;
  /** Somebody who gives these answers, one after the other. */
  readonly person: (...answers: readonly string[]) => Pick<Surroundings, "person">;
}

/** Without a terminal, an environment or anything on standard input, unless a run changes that. */
export function administration(gotify: JsonObject): Administration {
  const folder = mkdtempSync(join(tmpdir(), "gotify-admin-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const ownApplications = createOwnApplications(() => folder);
  const cfg: OpenClawConfig = { channels: { gotify } };
  const asked: string[] = [];
  const notes: string[] = [];
  let printed = { out: "", err: "" };
  const nobody: Surroundings = {
    config: async () => cfg,
    ownApplication: ownApplications.find,
    person: undefined,
    columns: undefined,
    environment: {},
    readStdin: async () => "",
    interruptible: (work) => work(new AbortController().signal),
    progress: () => ({ at: () => {}, end: () => {} }),
    note: (line) => void notes.push(line),
  };
  return {
    ownApplications,
    asked,
    notes,
    said: () => printed.out,
    async run(work, changes = {}) {
      printed = { out: "", err: "" };
      const spies = [
        vi
          .spyOn(process.stdout, "write")
          .mockImplementation((text) => ((printed.out += text), true)),
        vi
          .spyOn(process.stderr, "write")
          .mockImplementation((text) => ((printed.err += text), true)),
      ];
      try {
        const code = await work({ ...nobody, ...changes });
        return { code, ...printed, json: asObject(parseJson(printed.out)) ?? {} };
      } finally {
        for (const spy of spies) spy.mockRestore();
      }
    },
    person(...answers) {
      const answer = async (question: string, how = ""): Promise<string> => {
        asked.push(`${question}${how}`);
        const next = answers[0];
        if (next === undefined) throw new Error(`Nobody answers "${question}".`);
        answers = answers.slice(1);
        return next;
      };
      return {
        person: {
          ask: (question) => answer(question),
          askHidden: (question) => answer(question, "(hidden)"),
        },
      };
    },
  };
}
