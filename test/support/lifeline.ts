// Owns what a parent and its child agree on about the lifeline between them.

/** File descriptor of the lifeline in the child; 0 to 2 are the standard streams. */
export const LIFELINE_FD = 3;

/** How long a process may take to end on its own before it is killed, in milliseconds. */
export const KILL_GRACE_MS = 10_000;
