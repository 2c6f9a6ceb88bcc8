// Owns the command that lets an application in again which looks like another one than before.

export function confirmCommand(accountId: string, appId: number): string {
  // Also for "default": without it, the command is for the account that defaultAccount names.
  return `openclaw gotify grants confirm ${appId} --account ${accountId}`;
}
