// Owns a proxy in front of a server that spoils posts on their way there or back, as networks and proxies do.
import { connect } from "node:net";
import { startLocalServer, type Upgrade } from "./local-server.ts";

/**
 * What becomes of a post.
 *
 * - a number: it is not stored, and the answer is Gotify's own with that status; from 501 on a proxy's.
 * - `proxy-404`, `proxy-500`: the server never hears of it, and a proxy answers.
 * - `pass`: nothing is wrong with it.
 * - `html`, `malformed`: it is stored, and the answer is a 200 with something else in it.
 * - `html-only`: a 200 with a page, and the server never hears of it.
 * - `reset`, `hang`: no answer, and the server never hears of it.
 * - `late-500`: the proxy answers 500, and the server gets it when `letGo` is called.
 * - `stored-reset`, `stored-hang`, `stored-502`: the server stores it, and its answer is lost.
 */
export type Spoiling =
  | number
  | "pass"
  | "html"
  | "html-only"
  | "malformed"
  | "reset"
  | "hang"
  | "proxy-404"
  | "proxy-500"
  | "late-500"
  | "stored-reset"
  | "stored-hang"
  | "stored-502";

export interface FaultyFront {
  readonly url: string;
  /** One for each post to come; those after them pass. */
  readonly spoil: (...faults: Spoiling[]) => void;
  /** What became of posts so far, in order. */
  readonly spoiled: readonly Spoiling[];
  /** What the server itself said to posts, as HTTP statuses. */
  readonly said: readonly number[];
  /** Hands on what is late, and resolves when the server has it. */
  readonly letGo: () => Promise<void>;
  /** Called for each post as it arrives. */
  onPost: () => void;
  /** What the next answers carry besides. */
  readonly headers: Record<string, string>;
}

/** Closed with the test. */
export async function startFaultyFront(serverUrl: string): Promise<FaultyFront> {
  const faults: Spoiling[] = [];
  const headers: Record<string, string> = {};
  const spoiled: Spoiling[] = [];
  const saidByServer: number[] = [];
  const late: (() => Promise<void>)[] = [];
  const server = new URL(serverUrl);
  /** The stream: whatever comes goes on, in both directions. */
  const passUpgrade: Upgrade = (request, socket, head) => {
    const onward = connect(Number(server.port), server.hostname, () => {
      const lines = request.rawHeaders
        .map((text, index) => (index % 2 === 0 ? `${text}: ` : `${text}\r\n`))
        .join("");
      onward.write(`${request.method} ${request.url} HTTP/1.1\r\n${lines}\r\n`);
      onward.write(head);
      socket.pipe(onward).pipe(socket);
    });
    const end = (): void => {
      onward.destroy();
      socket.destroy();
    };
    onward.on("error", end).on("close", end);
    socket.on("error", end).on("close", end);
  };
  const front = await startLocalServer((request, response) => {
    // A post without a message only asks whether the token is good.
    const isPost = request.method === "POST" && request.url === "/message" && request.body !== "{}";
    const fault = isPost ? (faults.shift() ?? "pass") : "pass";
    if (isPost) {
      spoiled.push(fault);
      faultyFront.onPost();
    }
    const reset = (): void => void response.socket?.resetAndDestroy();
    const answer = (status: number, body: string, type = "text/html"): void => {
      response.writeHead(status, { "content-type": type, ...headers });
      response.end(body);
    };
    if (typeof fault === "number" && fault <= 500) {
      const error = { error: "", errorCode: fault, errorDescription: "it says no" };
      return answer(fault, JSON.stringify(error), "application/json");
    }
    if (typeof fault === "number") return answer(fault, "<html>a proxy's page</html>");
    if (fault === "proxy-404") return answer(404, "404 page not found", "text/plain");
    if (fault === "proxy-500") return answer(500, "<html>something went wrong</html>");
    if (fault === "html-only") return answer(200, "<html>log in first</html>");
    if (fault === "reset") return reset();
    if (fault === "hang") return;
    const token = request.headers["x-gotify-key"];
    const passOn = async (): Promise<void> => {
      const said = await fetch(`${serverUrl}${request.url}`, {
        method: request.method,
        headers: {
          "content-type": "application/json",
          ...(typeof token === "string" ? { "x-gotify-key": token } : {}),
        },
        ...(request.body === "" ? {} : { body: request.body }),
      });
      const body = await said.text();
      if (isPost) saidByServer.push(said.status);
      if (fault === "late-500") return;
      if (fault === "stored-reset") return reset();
      if (fault === "stored-hang") return;
      if (fault === "stored-502") return answer(502, "<html>bad gateway</html>");
      if (fault === "html") return answer(200, "<html>hello</html>");
      if (fault === "malformed") return answer(200, body.slice(0, 20), "application/json");
      // As proxies do: the server's own word on what time it is.
      response.setHeader("date", said.headers.get("date") ?? "");
      return answer(said.status, body, "application/json");
    };
    if (fault === "late-500") {
      late.push(passOn);
      return answer(500, "", "application/json");
    }
    void passOn().catch(reset);
  }, passUpgrade);
  const faultyFront: FaultyFront = {
    onPost() {},
    url: front.url,
    spoil: (...more) => void faults.push(...more),
    headers,
    spoiled,
    said: saidByServer,
    letGo: async () => {
      await Promise.all(late.splice(0).map((passOn) => passOn()));
    },
  };
  return faultyFront;
}
