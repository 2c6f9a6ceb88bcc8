// Owns how a file of facts is run: once per target, each test with applications and clients of its own.
import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, type TestContext } from "vitest";
import { asNumber, asObject, asString, call, credentials } from "./call.ts";
import type { CallOptions, Reply, Sender } from "./call.ts";
import { Listener, type ListenerOptions } from "./listener.ts";
import {
  planTargets,
  type Login,
  type Target,
  type TargetKind,
  type TargetPlan,
} from "./target.ts";

export interface OwnedToken {
  readonly id: number;
  readonly token: string;
  readonly name: string;
}

export interface OwnedUser extends Login {
  readonly id: number;
}

export interface StreamOptions extends ListenerOptions {
  readonly as?: Sender;
  readonly path?: string;
}

const START_TIMEOUT_MS = 70_000;
/** In the words of PostgreSQL and MySQL, and of Gotify: nothing was stored, and another try may succeed. */
const CONFLICTS = ["40001)", "sort key is not unique"];
const MAX_CONFLICT_MS = 10_000;

/** Declares the facts for every target. Tests run one after the other; `site` is the server at hand. */
export function contract(
  title: string,
  facts: (site: Site) => void,
  plans: readonly TargetPlan[] = planTargets(),
): void {
  for (const plan of plans) {
    describe(`${title} (${plan.label})`, () => {
      const site = new Site(plan);
      beforeAll(async () => {
        site.enter(await plan.start());
      }, START_TIMEOUT_MS);
      afterEach(() => site.cleanUp());
      afterAll(() => site.leave());
      facts(site);
    });
  }
}

/** A target with what the test at hand made on it, which is removed after the test. */
export class Site {
  readonly kind: TargetKind;
  /** What is behind the server. */
  readonly database: TargetPlan["database"];
  #target: Target | undefined;
  #cleanups: Array<() => Promise<unknown>> = [];

  constructor({ kind, database }: Pick<TargetPlan, "kind" | "database">) {
    this.kind = kind;
    this.database = database;
  }

  enter(target: Target): void {
    this.#target = target;
  }

  async leave(): Promise<void> {
    await this.#target?.stop();
  }

  get target(): Target {
    if (this.#target === undefined) throw new Error("the target runs inside tests only");
    return this.#target;
  }

  get major(): 2 | 3 {
    return this.target.major;
  }

  get admin(): Login {
    return this.target.admin;
  }

  /** What holds on Gotify 2, what on Gotify 3. */
  choose<T>(onV2: T, onV3: T): T {
    return this.major === 2 ? onV2 : onV3;
  }

  /** For facts about something that only one major version has. */
  needVersion({ skip }: TestContext, major: 2 | 3): void {
    skip(this.major !== major, `Gotify ${major} only`);
  }

  /** For tests that would need more of a stranger's server than applications and clients of their own. */
  needOwnServer({ skip }: TestContext, reason: string): void {
    skip(this.kind === "url", `not on a server that others use: ${reason}`);
  }

  call(method: string, path: string, options?: CallOptions): Promise<Reply> {
    return call(`${this.target.url}${path}`, method, options);
  }

  async application(
    settings: Readonly<Record<string, unknown>> = {},
    owner: Sender = this.admin,
  ): Promise<OwnedToken> {
    const owned = await this.#create("/application", settings, owner);
    this.onCleanUp(() =>
      this.call("DELETE", `/application/${owned.id}`, { as: this.#remover(owner) }),
    );
    return owned;
  }

  async client(
    settings: Readonly<Record<string, unknown>> = {},
    owner: Sender = this.admin,
  ): Promise<OwnedToken> {
    const owned = await this.#create("/client", settings, owner);
    this.onCleanUp(() => this.call("DELETE", `/client/${owned.id}`, { as: this.#remover(owner) }));
    return owned;
  }

  /** A token may make things that on Gotify 3 it may not remove. */
  #remover(owner: Sender): Sender {
    return owner !== undefined && "token" in owner ? this.admin : owner;
  }

  async #create(
    path: string,
    settings: Readonly<Record<string, unknown>>,
    owner: Sender,
  ): Promise<OwnedToken> {
    const name = `contract ${randomUUID().slice(0, 8)}`;
    const deadline = Date.now() + MAX_CONFLICT_MS;
    let reply: Reply;
    do {
      reply = await this.call("POST", path, { as: owner, json: { name, ...settings } });
      // Of two applications at the same time a shared database may refuse one; other files make some as well.
    } while (isConflict(reply, settings) && Date.now() < deadline);
    if (reply.status !== 200) throw new Error(`${path} answered ${reply.status}: ${reply.text}`);
    const made = asObject(reply.json);
    return {
      id: asNumber(made["id"]),
      token: asString(made["token"]),
      name: asString(made["name"]),
    };
  }

  /** A user of the test's own, and so with nothing of anybody else's in lists and on streams. */
  async user(context: TestContext): Promise<OwnedUser> {
    this.needOwnServer(context, "it makes a user");
    const name = `contract-${randomUUID().slice(0, 8)}`;
    const password = randomUUID();
    const reply = await this.call("POST", "/user", {
      as: this.admin,
      json: { name, pass: password, admin: false },
    });
    const id = asNumber(asObject(reply.json)["id"]);
    this.onCleanUp(() => this.call("DELETE", `/user/${id}`, { as: this.admin }));
    return { id, name, password };
  }

  /** Posts and gives back the stored message's id and the answer. */
  async post(
    application: OwnedToken,
    draft: Readonly<Record<string, unknown>> = { message: "a message" },
  ): Promise<Reply & { readonly id: number }> {
    const reply = await this.call("POST", "/message", { as: application, json: draft });
    if (reply.status !== 200) throw new Error(`post answered ${reply.status}: ${reply.text}`);
    return { ...reply, id: asNumber(asObject(reply.json)["id"]) };
  }

  /** A stream that is on the server's list; closed after the test. */
  async stream(options: StreamOptions = {}): Promise<Listener> {
    const listener = await this.handshake(options);
    await listener.roundTrip();
    return listener;
  }

  /** A stream right after its 101. */
  async handshake({ as, path = "/stream", headers, ...rest }: StreamOptions): Promise<Listener> {
    const listener = await Listener.open(`${this.target.url}${path}`, {
      ...rest,
      headers: { ...credentials(as), ...headers },
    });
    this.onCleanUp(() => listener[Symbol.asyncDispose]());
    return listener;
  }

  onCleanUp(cleanup: () => Promise<unknown>): void {
    this.#cleanups.push(cleanup);
  }

  /** In reverse order, and all of them even when one fails. */
  async cleanUp(): Promise<void> {
    const failures: unknown[] = [];
    for (const cleanup of this.#cleanups.splice(0).toReversed()) {
      await cleanup().catch((error: unknown) => failures.push(error));
    }
    if (failures.length > 0) throw new AggregateError(failures, "cleaning up failed");
  }
}

/** A sort key that the test itself asked for may be a bad one. */
function isConflict({ text }: Reply, settings: Readonly<Record<string, unknown>>): boolean {
  return !("sortKey" in settings) && CONFLICTS.some((words) => text.includes(words));
}
