import { expect, test } from "vitest";
import { httpFailure } from "./http-failure.ts";

test.each([
  ["application/json", (text: string) => JSON.stringify({ errorDescription: text })],
  ["text/plain", (text: string) => text],
])("what a server says as %s is one line, and does not steer the terminal", (type, bodyOf) => {
  const { message } = httpFailure({
    server: "http://gotify.example",
    method: "GET",
    path: "/application",
    status: 400,
    header: (name) => (name === "content-type" ? type : undefined),
    body: bodyOf("a\u001b]52;c;eA==\u0007\u001b[2J\u202eb\u009b31m\r\nc"),
    isCut: false,
    credential: "client",
    secrets: [],
  });
  expect(message).toBe(
    "Gotify at http://gotify.example refused GET /application (400) (a ]52;c;eA== [2J b 31m c).",
  );
});
