import { requireToolPackage } from '../require-tool-package.ts'
import { SCRIPT, useAgentProcess } from './agent-process.ts'
import type { Client } from './client.ts'

export function findDeno(): string | undefined {
  return requireToolPackage('Deno', '@deno/linux-x64-glibc/deno')
}

/** The EventSource and the fetch of Deno. */
export function useDeno(deno: string): { eventSource: Client; fetch: Client } {
  const host = useAgentProcess(deno, [
    'run',
    '--quiet',
    '--no-prompt',
    '--allow-net',
    '--allow-env',
    '--node-modules-dir=manual',
    '--unsafely-ignore-certificate-errors=127.0.0.1',
    SCRIPT,
  ])
  return {
    eventSource: host.client('EventSource', {
      name: "Deno's EventSource",
      protocols: ['http/1.1', 'h2'],
      reconnects: true,
      headerText: 'utf-8',
      reconnectsAfterMs: 5_000,
    }),
    fetch: host.client('fetch', {
      name: "Deno's fetch",
      protocols: ['http/1.1', 'h2'],
      reconnects: false,
      headerText: 'latin1',
    }),
  }
}
