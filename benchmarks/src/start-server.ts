import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { LoadOptions } from './adapters.ts'
import type { Report } from './server.ts'

/** A server in a process of its own. */
export interface LoadServer {
  readonly port: number
  /** Asks for memory, CPU time and counters. */
  report(): Promise<Report>
  /** Drains the streams, then closes the server; resolves when both are done. */
  close(graceMs: number): Promise<Report>
  stop(): Promise<void>
}

/** Starts a server. */
export async function startServer(adapter: string, options: LoadOptions = {}): Promise<LoadServer> {
  const file = fileURLToPath(new URL('server.ts', import.meta.url))
  const child = fork(file, [adapter, JSON.stringify(options)], { stdio: 'inherit' })
  const { port } = await nextReport(child)
  const ask = async (message: object): Promise<Report> => {
    child.send(message)
    return nextReport(child)
  }
  return {
    port,
    report: () => ask({}),
    close: (graceMs) => ask({ close: { graceMs } }),
    async stop() {
      if (child.exitCode !== null) return
      child.disconnect()
      await once(child, 'exit')
    },
  }
}

async function nextReport(child: ChildProcess): Promise<Report> {
  const [message] = (await once(child, 'message')) as [Report]
  return message
}
