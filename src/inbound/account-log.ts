// Owns how an account writes to the Gateway's log: every line names the account.

export interface AccountLog {
  readonly info: (text: string) => void;
  readonly warn: (text: string) => void;
  readonly error: (text: string) => void;
}

/** The Gateway's sink for the channel; absent in processes that log nothing. */
export function accountLog(accountId: string, sink: AccountLog | undefined): AccountLog {
  const line = (text: string): string => `[${accountId}] ${text}`;
  return {
    info: (text) => sink?.info(line(text)),
    warn: (text) => sink?.warn(line(text)),
    error: (text) => sink?.error(line(text)),
  };
}
