import type { TestContext } from 'vitest'
import type { Adapter, Server } from '../adapters/adapters.ts'
import type { Client, ClientStream } from '../clients/client.ts'
import { createRuns, type Run } from '../runs.ts'
import { type Cut, planCuts } from './cuts.ts'
import { createRandom, type Random } from './random.ts'
import { type Relay, startRelay } from './relay.ts'
import { type View, watch } from './view.ts'

/** A client that follows one run of the scenario `served`, and is cut again and again. */
export interface CutClient extends AsyncDisposable {
  readonly random: Random
  readonly run: Run
  readonly relay: Relay
  /** Opens the stream. */
  open(): View
  /** Closes the stream, as the user of the client would. */
  leave(): void
  /** Starts another server of the same adapter, in place of the one before, which is killed. */
  restart(): Promise<void>
}

/**
 * @param cuts - How many of its responses are cut.
 * @param onTestFailed - Of the context of the test: says how to repeat it.
 */
export async function useCutClient(
  adapter: Adapter,
  client: Client,
  cuts: number,
  onTestFailed: TestContext['onTestFailed'],
): Promise<CutClient> {
  const random = createRandom()
  const runs = createRuns()
  const run = runs.create()
  const path = run.path('served')
  let server: Server = await adapter.start(runs.watcherOf)
  const nextCut = planCuts(random)
  const relay: Relay = await startRelay(server.url, path, () =>
    relay.cuts.length < cuts ? nextCut() : undefined,
  )
  let stream: ClientStream | undefined
  onTestFailed(() => {
    const told = relay.cuts.map(({ place, end, nth }: Cut) => `${place} ${nth} ${end}`)
    console.error(`SSE_SEED=${random.seed}, after ${told.length} cuts: ${told.join(', ')}`)
  })
  return {
    random,
    run,
    relay,
    open() {
      stream = client.open({ url: relay.url, protocol: 'http/1.1' }, path)
      return watch(stream)
    },
    leave: () => stream?.close(),
    async restart() {
      await server.close()
      server = await adapter.start(runs.watcherOf)
      relay.moveTo(server.url)
    },
    async [Symbol.asyncDispose]() {
      stream?.close()
      await relay[Symbol.asyncDispose]()
      await server.close()
    },
  }
}
