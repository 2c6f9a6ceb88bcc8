// Owns telling addresses from other words: IP addresses and host names, and the keys, files and products that only resemble them.
import { isIPv4, isIPv6 } from "node:net";

const BRACKETS = /^\[([^\]]*)\](?::\d*)?$/u;
const PORT = /:(\d{1,5})$/u;
/** Labels with a dot between them, the last of which begins with a letter. */
const DOTTED_NAME = /^(?:[\p{L}\p{N}_](?:[\p{L}\p{N}_-]*[\p{L}\p{N}_])?\.)+\p{L}[\p{L}\p{N}_-]*$/u;
const MAX_NAME_LENGTH = 253;
/** One word in front of a port: `nas:8080`. A time of day begins with a digit. */
const SINGLE_NAME = /^[a-z][a-z0-9-]*$/iu;
/** `app:12` is a target, `error:42` a number. */
const NO_HOST =
  /^(?:account|app|appid|application|code|error|id|line|peer|port|priority|status)$/iu;

/** Keys of configurations, methods and scopes look like names. */
const KEY_SECTION =
  /^(?:agents|approvals|bindings|botLoopProtection|channels|commands|connection|cron|extras|fromAgents|gateway|gotify|identity|inbound|logging|messages|models|operator|outbound|pairing|plugins|priorities|proxy|secrets|session|streaming|tools)$/u;
/** A key inside of a section: with a capital within, or one of these. Anything else may be somebody's domain. */
const KEY =
  /^(?:[a-z]+[A-Z]\w*|accounts|admin|applications|auth|defaults|doctor|drop|enabled|entries|extras|gotify|headers|host|ignore|list|name|openclaw|plugin|port|read|replies|resubmit|show|start|status|stop|write)$/u;
const DOMAIN_ENDING =
  /\.(?:[a-z]{2}|app|arpa|cloud|com|corp|dev|home|info|internal|intranet|lan|local|localdomain|localhost|me|net|online|org|private|server|site|test|example|invalid|xyz)$/iu;
const FILE_ENDING =
  /\.(?:bak|cer|conf|crt|css|csv|db|env|gz|html|js|json|json5|jsonl|key|lock|log|mjs|old|p12|pem|shm|sock|sqlite(?:-wal|-shm|-journal)?|sqlite3|sql|svg|tgz|tmp|ts|txt|wal|xml|ya?ml)$/iu;
/** More labels than a file's name has: `push.example.pem` is one, `default.sqlite` is not. */
const MIN_HOST_LABELS_IN_FILE = 3;
const PRODUCTS = /^(?:node\.js|e\.g|i\.e|a\.m|p\.m)$/iu;

/** An IP address, in brackets or not, with a port or without. */
export function isAddress(text: string): boolean {
  if (text.length > MAX_NAME_LENGTH) return false;
  const inner = BRACKETS.exec(text)?.[1] ?? text;
  return isIPv6(inner) || isIPv6(inner.replace(PORT, "")) || isIPv4(inner.replace(PORT, ""));
}

/** A name with a dot, or a single word in front of a port. */
export function isHost(text: string): boolean {
  if (text.length > MAX_NAME_LENGTH) return false;
  const port = PORT.exec(text)?.[1];
  const name = port === undefined ? text : text.slice(0, -port.length - 1);
  if (port !== undefined && SINGLE_NAME.test(name)) return port.length > 1 && !NO_HOST.test(name);
  if (!DOTTED_NAME.test(name) || PRODUCTS.test(name)) return false;
  if (port !== undefined) return true;
  if (/^channels\.gotify(?:\.|$)/u.test(name) || isKeyPath(name)) return false;
  return FILE_ENDING.test(name) ? isHostsFile(name.replace(FILE_ENDING, "")) : true;
}

function isKeyPath(name: string): boolean {
  const [section = "", ...keys] = name.split(".");
  return KEY_SECTION.test(section) && keys.every((key) => KEY.test(key));
}

/** Certificates and configurations are often called after the host that they are for. */
function isHostsFile(stem: string): boolean {
  if (!DOTTED_NAME.test(stem)) return false;
  return DOMAIN_ENDING.test(stem) || stem.split(".").length >= MIN_HOST_LABELS_IN_FILE;
}
