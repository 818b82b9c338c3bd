import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { connect } from '@sse/testing'
import { afterEach, expect, it } from 'vitest'

const SCRIPT = new URL('./workers.ts', import.meta.url).pathname

let primary: ChildProcess | undefined
afterEach(() => void primary?.kill('SIGKILL'))

/** Starts two processes on a free port. Resolves with the port when both listen. */
async function startWorkers(): Promise<number> {
  primary = spawn(process.execPath, [SCRIPT, '2', '0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  if (primary.stdout === null) throw new Error('the output is not piped')
  const ports: number[] = []
  for await (const line of createInterface({ input: primary.stdout })) {
    ports.push(Number(/listens on (\d+)/.exec(line)?.[1]))
    if (ports.length === 2) break
  }
  expect(new Set(ports).size).toBe(1)
  return ports[0] ?? Number.NaN
}

it('serves streams from several processes on one port, and drains all on SIGTERM', async () => {
  const port = await startWorkers()
  const clients = await Promise.all(
    Array.from({ length: 8 }, () => connect(`http://127.0.0.1:${port}/`)),
  )
  const pids = await Promise.all(
    clients.map(async (client) => (await client.nextEvent()).json<{ pid: number }>().pid),
  )
  expect(new Set(pids).size).toBe(2)

  const exited = once(primary as ChildProcess, 'exit')
  primary?.kill('SIGTERM')
  expect(await Promise.all(clients.map((client) => client.ended()))).toEqual(
    Array<string>(8).fill('completed'),
  )
  expect(clients.every(({ retry }) => retry !== undefined)).toBe(true)
  expect(await exited).toEqual([0, null])
})
