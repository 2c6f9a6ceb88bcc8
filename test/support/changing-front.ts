// Owns a proxy in front of a server that changes the text of its answers, for what our emulator does not do by itself.
import { startLocalServer, type LocalServer } from "./local-server.ts";

/** Nothing is answered, and the connection cut, where `change` gives no text. */
export function startChangingFront(
  behind: string,
  change: (text: string, method: string) => string | undefined,
): Promise<LocalServer> {
  return startLocalServer((request, response) => {
    const { method, headers, body } = request;
    const credentials: Record<string, string> =
      headers.authorization === undefined
        ? { "X-Gotify-Key": String(headers["x-gotify-key"] ?? "") }
        : { Authorization: headers.authorization };
    const passOn = async (): Promise<void> => {
      const type = headers["content-type"] ?? "application/json";
      const answer = await fetch(`${behind}${request.url}`, {
        method,
        headers: { "Content-Type": type, ...credentials },
        ...(body === "" ? {} : { body }),
      });
      const text = change(await answer.text(), method);
      if (text === undefined) {
        response.destroy();
        return;
      }
      response.writeHead(answer.status, { "Content-Type": "application/json" });
      response.end(text);
    };
    passOn().catch(() => response.destroy());
  });
}
