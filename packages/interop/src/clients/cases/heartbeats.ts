import { expect, vi } from 'vitest'
import type { Server } from '../../adapters/adapters.ts'

const HEARTBEAT_BYTES = ':\n'.length

/** Resolves when the server, whose only stream is silent, has sent a few more heartbeats. */
export async function heartbeatsFrom(server: Server): Promise<void> {
  const { bytes } = server.stats()
  const enough = bytes + 3 * HEARTBEAT_BYTES
  await vi.waitFor(() => expect(server.stats().bytes).toBeGreaterThanOrEqual(enough), {
    interval: 5,
    timeout: 10_000,
  })
}
