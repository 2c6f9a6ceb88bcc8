// Owns telling a person's words from the notes that the host puts around them for the model.

/**
 * What the person said. The host's wording is not a contract: where it changes, its notes are left
 * standing, so tests look for a phrase and the demo merely reads a little odd.
 */
export function withoutHostNotes(text: string): string {
  return (
    text
      .replaceAll(
        /<<<BEGIN_OPENCLAW_INTERNAL_CONTEXT>>>[\s\S]*?<<<END_OPENCLAW_INTERNAL_CONTEXT>>>/g,
        "",
      )
      .replaceAll(
        /^(\[[^\]\n]*\] )?(Conversation info|Gotify messages?|Extras written by the sender[^\n:]*):.*\n```json\n[\s\S]*?\n```\n*/gm,
        "",
      )
      .replaceAll(/^Runtime: agent=.*$/gm, "")
      // OpenClaw 2026.8.
      .replaceAll(
        /^OpenClaw runtime context for the active user request[\s\S]*?Keep internal details private\.$/gm,
        "",
      )
      .trim()
  );
}
