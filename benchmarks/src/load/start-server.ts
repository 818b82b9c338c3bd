import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { LoadOptions } from './adapters.ts'
import type { Publication } from './feeds.ts'
import type { Report } from './server.ts'

/** A server in a process of its own. */
export interface LoadServer {
  readonly port: number
  /**
   * Asks for memory, CPU time and counters.
   *
   * @param looks - Whether to collect garbage before, where the server was started with `--expose-gc`.
   */
  report(looks?: boolean): Promise<Report>
  /** Drains the streams, then closes the server; resolves when both are done. */
  close(graceMs: number): Promise<Report>
  /** Publishes to a feed; resolves when all was published, not when it arrived. */
  publish(publication: Publication): Promise<Report>
  stop(): Promise<void>
}

/** Starts a server. */
export async function startServer(
  adapter: string,
  options: LoadOptions = {},
  execArgv: readonly string[] = [],
): Promise<LoadServer> {
  const file = fileURLToPath(new URL('server.ts', import.meta.url))
  const child = fork(file, [adapter, JSON.stringify(options)], {
    stdio: 'inherit',
    execArgv: [...process.execArgv, ...execArgv],
  })
  const { port } = await nextReport(child)
  const ask = async (message: object): Promise<Report> => {
    child.send(message)
    return nextReport(child)
  }
  return {
    port,
    report: (looks = false) => ask({ looks }),
    close: (graceMs) => ask({ close: { graceMs } }),
    publish: (publication) => ask({ publish: publication }),
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
