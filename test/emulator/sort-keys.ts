// Owns the order of applications: the next fractional index after the last one in use.

const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

export class SortKeyError extends Error {}

/**
 * The key after `last`, or the first one. A key's first letter says how many digits its integer part has
 * (`a`: one, `b`: two, …); counting up carries over from digit to digit and then to a longer integer.
 *
 * @throws {SortKeyError} for a key that is none. The real server takes such a key from anybody and from
 * then on refuses every new application that names none itself.
 */
export function sortKeyAfter(last: string | undefined): string {
  if (last === undefined || last === "") return "a0";
  const head = last.charAt(0);
  const length = integerLength(head);
  const integer = last.slice(1, length);
  if (length === 0 || integer.length !== length - 1 || !/^[0-9A-Za-z]*$/.test(last)) {
    throw new SortKeyError(`invalid order key: ${last}`);
  }
  const digits = Array.from(integer, (digit) => DIGITS.indexOf(digit));
  for (let at = digits.length - 1; at >= 0; at -= 1) {
    const raised = (digits[at] ?? 0) + 1;
    digits[at] = raised % DIGITS.length;
    if (raised < DIGITS.length) return head + digits.map((digit) => DIGITS.charAt(digit)).join("");
  }
  const longer = head === "Z" ? "a" : String.fromCharCode(head.charCodeAt(0) + 1);
  return longer + "0".repeat(integerLength(longer) - 1);
}

function integerLength(head: string): number {
  if (head >= "a" && head <= "z") return head.charCodeAt(0) - "a".charCodeAt(0) + 2;
  if (head >= "A" && head <= "Z") return "Z".charCodeAt(0) - head.charCodeAt(0) + 2;
  return 0;
}
