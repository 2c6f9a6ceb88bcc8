// Owns the command that lets an application in again which looks like another one than before.

export function confirmCommand(accountId: string, appId: number): string {
  const account = accountId === "default" ? "" : ` --account ${accountId}`;
  return `openclaw gotify grants confirm ${appId}${account}`;
}
