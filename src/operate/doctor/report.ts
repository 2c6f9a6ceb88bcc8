// Owns the form of what the doctor found, for programs and people alike.

/** - `error`: messages or answers do not get through, or a secret is open. - `warning`: they do, and something wants looking at. */
export type FindingLevel = "ok" | "warning" | "error";

export interface Finding {
  /** Stable, for programs, e.g. `certificate`. */
  readonly check: string;
  /** Absent where it is about the whole installation. */
  readonly account?: string;
  readonly level: FindingLevel;
  /** One line for people. */
  readonly message: string;
  /** One line that says what to do; absent for what is well. */
  readonly fix?: string;
}

export interface DoctorReport {
  /** True when no finding is an `error`. */
  readonly ok: boolean;
  /** When it was looked at, ISO 8601 in UTC. */
  readonly at: string;
  /** The installation first, then account by account. */
  readonly findings: readonly Finding[];
}
