import { expect, test } from "vitest";
import { movedSecrets } from "./moved-secrets.ts";

const REFERENCE = { source: "env", provider: "default", id: "SOMEWHERE" };
const BOTH = { appToken: "A-new", clientToken: "C-new" };

test("says for each token where its secret stood, and shows none", () => {
  const cfg = {
    channels: { gotify: { appTokenFile: "/run/secrets/app", clientToken: "${SOMEWHERE}" } },
  };
  const lines = movedSecrets(cfg, "default", BOTH);
  expect(lines).toEqual([
    "The new app token is written as text, and /run/secrets/app still has the old one: move it there, and name the file as appTokenFile again.",
    "The new client token is written as text, where a reference to a secret stood: openclaw secrets configure makes it one again.",
  ]);
  expect(movedSecrets(cfg, "default", { ...BOTH, appToken: undefined })).toEqual([lines[1]]);
});

test("says nothing of what stays: text, and what an account only inherits", () => {
  const gotify = { clientToken: REFERENCE, accounts: { phone: { name: "Phone" } } };
  expect(movedSecrets({ channels: { gotify } }, "phone", BOTH)).toEqual([]);
  const text = { channels: { gotify: { appToken: "A-old", clientToken: "C-old" } } };
  expect(movedSecrets(text, "default", BOTH)).toEqual([]);
  expect(movedSecrets({}, "default", BOTH)).toEqual([]);
});
