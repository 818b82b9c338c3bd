import type { Group, Lab, OpenOptions, ReaderStats } from '../native/lab.ts'
import { type SystemServer, startSystem } from '../systems/start.ts'
import type { SystemOptions } from '../systems/system.ts'

/** A system, and the connections to it. */
export interface Contender {
  readonly server: SystemServer
  readonly group: Group
}

/** Systems that are all alive at once, each with its connections open. */
export interface Stage {
  contender(name: string): Contender
  stop(): Promise<void>
}

/** Starts systems, and opens so many connections to each. */
export async function setStage(
  lab: Lab,
  names: readonly string[],
  connections: number,
  options: SystemOptions = {},
  openOptions: OpenOptions = {},
): Promise<Stage> {
  const contenders = new Map<string, Contender>()
  for (const name of names) {
    const server = await startSystem(name, lab.counters, options)
    const group = await lab.open(server.port, connections, openOptions)
    await allFollow(server, connections)
    contenders.set(name, { server, group })
  }
  return {
    contender: (name) => contenders.get(name) as Contender,
    async stop() {
      for (const { server, group } of contenders.values()) {
        await group.close()
        await server.stop()
      }
    },
  }
}

/** A head may be sent before the stream is one of those that are published to. */
export async function allFollow(server: SystemServer, connections: number): Promise<void> {
  const deadline = performance.now() + 10_000
  for (;;) {
    const { clients } = await server.ask({ kind: 'clients' })
    if (clients === connections) return
    if (performance.now() > deadline) {
      throw new Error(`${server.name} has ${clients} of ${connections} clients`)
    }
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

/** Throws unless every connection got every event once, in order and whole. */
export function assertDelivered(name: string, stats: ReaderStats, deliveries: number): void {
  const { open, closed, badOrder, badSize, badHttp, isComplete } = stats
  const isRight = closed + badOrder + badSize + badHttp === 0 && stats.deliveries === deliveries
  if (isRight && isComplete) return
  throw new Error(
    `${name}: ${stats.deliveries} of ${deliveries} events arrived; ${badOrder} out of order, ${badSize} not whole, ` +
      `${badHttp} not HTTP, ${closed} connections closed, ${open} open`,
  )
}
