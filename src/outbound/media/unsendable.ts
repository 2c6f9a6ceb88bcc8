// Owns the word for a file that cannot go out: as an error for who asked for exactly that, as a line for who waits for an answer.

/** Nothing was sent. `message` is one line for the person who asked, without local paths. */
export class UnsendableMediaError extends Error {
  override readonly name = "UnsendableMediaError";
  /** What the reader is told in place of the file. */
  readonly note: string;

  /** `fileName` is what it may be called in front of others; `reason` is a clause that ends with a full stop. */
  constructor(fileName: string | undefined, reason: string, options?: ErrorOptions) {
    const file = fileName ?? "A file";
    super(`${file} cannot be sent: ${reason}`, options);
    this.note = `_(${file} could not be sent: ${reason})_`;
  }
}
