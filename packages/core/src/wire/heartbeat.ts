/**
 * What keeps a silent stream open: a comment, without a blank line. After an id, several clients turn every blank line
 * into an empty event.
 */
export const HEARTBEAT: Uint8Array = Uint8Array.of(0x3a, 0x0a)
