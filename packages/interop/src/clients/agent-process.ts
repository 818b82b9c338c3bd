import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll } from 'vitest'
import { type Spawned, spawned } from '../spawned.ts'
import { type AgentHost, createAgentHost } from './agent-client.ts'

/** The agent for runtimes of JavaScript. */
export const SCRIPT: string = fileURLToPath(new URL('agent/process.ts', import.meta.url))

const LAUNCH_TIMEOUT_MS = 60_000

/** Runs an agent in another runtime while the tests of the file run. */
export function useAgentProcess(
  runtime: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): AgentHost {
  let agent: Spawned | undefined
  const host = createAgentHost((command) => {
    agent?.child.stdin.write(`${JSON.stringify(command)}\n`)
  })
  beforeAll(async () => {
    const started = spawned(runtime, args, env)
    agent = started
    await new Promise<void>((resolve, reject) => {
      // The first thing that it says is that it listens.
      started.onLine((line) => {
        resolve()
        host.receive(JSON.parse(line))
      })
      started.child.once('close', () => reject(new Error(started.complaints())))
    })
  }, LAUNCH_TIMEOUT_MS)
  afterAll(async () => {
    await agent?.stop()
    const complaints = agent?.complaints() ?? ''
    if (complaints !== '') console.error(complaints)
  })
  return host
}
