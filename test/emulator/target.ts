// Owns what the first line of a request asks for: its path as the server reads it, its query, another server's name.

export interface Target {
  /** As sent. */
  readonly path: string;
  /** With its question mark, or empty. */
  readonly search: string;
  /** Set when the line names a whole address, as for a proxy: the server takes that for its own name. */
  readonly host: string | undefined;
}

/** There is no fragment here: a `#` belongs to the path or to the query. */
export function readTarget(line: string): Target {
  const [, host, rest = line] = /^https?:\/\/([^/?]*)(.*)$/i.exec(line) ?? [];
  const at = rest.indexOf("?");
  const path = at === -1 ? rest : rest.slice(0, at);
  return { path: path || "/", search: at === -1 ? "" : rest.slice(at), host };
}

/** Undefined when an escape is none. */
export function routeOf(path: string): string | undefined {
  if (/%(?![\dA-Fa-f]{2})/.test(path)) return undefined;
  return clean(unescapePath(path));
}

function unescapePath(path: string): string {
  const bytes = path.replace(/%(..)/g, (_escape, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Buffer.from(bytes, "latin1").toString("utf8");
}

/** Without empty steps and dots; what goes up beyond the root stays there. A slash at the end is kept. */
function clean(path: string): string {
  const steps: string[] = [];
  for (const step of path.split("/")) {
    if (step === "..") steps.pop();
    else if (step !== "" && step !== ".") steps.push(step);
  }
  const isFolder = steps.length > 0 && /\/\.?$/.test(path);
  return `/${steps.join("/")}${isFolder ? "/" : ""}`;
}
