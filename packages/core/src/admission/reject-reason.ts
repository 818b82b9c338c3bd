/**
 * Why a client was refused.
 *
 * - `server-limit`: `maxConnections` streams are open and the queue is full (503).
 * - `key-limit`: this key has `maxConnectionsPerKey` streams open or queued (429).
 * - `queue-timeout`: no slot became free within `queueTimeoutMs` (503).
 * - `shutdown`: `sse.close()` was called (503).
 *
 * @public
 */
export type RejectReason = 'server-limit' | 'key-limit' | 'queue-timeout' | 'shutdown'
