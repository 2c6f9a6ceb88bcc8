// Owns the endpoints about the server itself: health, version, what it can do, and its page.
import { json, type Answer } from "./exchange.ts";
import { fileAnswer } from "./files.ts";
import { pageAnswer } from "./page.ts";
import type { Handler } from "./route.ts";

const VERSIONS = { v2: "2.9.1", v3: "3.0.0" } as const;

export const health: Handler = async ({ core }) => {
  await core.faults.untilDatabaseThaws();
  const isLost = core.faults.takeDatabaseLoss();
  const state = isLost
    ? ({ health: "orange", database: "red" } as const)
    : ({ health: "green", database: "green" } as const);
  const answer = json(state, isLost ? 500 : 200);
  // The one JSON endpoint outside the layer that sets the bare content type.
  return { ...answer, headers: { "content-type": "application/json; charset=utf-8" } };
};

/** Builds by hand say "unknown", so a client must not lean on these. */
export const version: Handler = ({ core }) =>
  json({ version: VERSIONS[core.personality], commit: "unknown", buildDate: "unknown" });

export const gotifyInfo: Handler = ({ core }) =>
  json({ version: VERSIONS[core.personality], register: core.registration, oidc: false });

/** The page's own addresses are relative, so below a prefix it needs its trailing slash. */
export const page: Handler = ({ ask }): Answer => {
  const [path = "/", query = ""] = ask.target.split(/(?=\?)/, 2);
  if (ask.path !== "/" || path.endsWith("/")) return pageAnswer();
  return { status: 301, headers: { location: `${path}/${query}` } };
};

/** A single grey dot in the place of Gotify's own icon, which every application has until it gets another one. */
const DEFAULT_ICON = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGPoAAAAigCJ/xNBzgAAAABJRU5ErkJggg==",
  "base64",
);

/** The one file of the web page that a client may want. It is part of the program, and so has no date. */
export const staticFile: Handler = ({ ask }): Answer =>
  ask.route === "/static/defaultapp.png"
    ? fileAnswer(ask, { content: DEFAULT_ICON, contentType: "image/png" })
    : {
        status: 404,
        headers: {
          "content-type": "text/plain; charset=utf-8",
          "x-content-type-options": "nosniff",
        },
        body: "404 page not found\n",
      };
