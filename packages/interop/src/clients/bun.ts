import { requireToolPackage } from '../require-tool-package.ts'
import { SCRIPT, useAgentProcess } from './agent-process.ts'
import type { Client } from './client.ts'

export function findBun(): string | undefined {
  return requireToolPackage('Bun', '@oven/bun-linux-x64/bin/bun')
}

/** The fetch of Bun, which has no EventSource. */
export function useBun(bun: string): Client {
  const host = useAgentProcess(bun, [SCRIPT])
  return host.client('fetch', {
    name: "Bun's fetch",
    protocols: ['http/1.1'],
    reconnects: false,
    headerText: 'latin1',
  })
}
