import type { EndReason } from '@sse/core'
import { expect } from 'vitest'
import { type ConnectOptions, connect } from '../client/connect.ts'
import type { EventStreamConnection } from '../client/event-stream-connection.ts'
import { type FetchApp, type NodeTarget, resolveTarget } from '../client/target.ts'
import { type RunningServer, startServer, toServer } from '../serve.ts'
import { createScenarioApp } from './bind-app.ts'
import type { Abilities } from './capabilities.ts'
import { eventually } from './eventually.ts'
import { createRecorder, type Recorder } from './recorder.ts'
import type { ConformanceServer, Setup, StartServer } from './scenario.ts'
import { createStage, type Stage } from './stage.ts'
import type { ProcessWatch } from './watch-process.ts'

// Longer than anything takes on a busy machine, shorter than the limit of the test around it.
const CLIENT_TIMEOUT_MS = 10_000

/** What a case has at hand: a server of its own, and everything that it and its clients do. */
export interface Trial {
  readonly stage: Stage
  readonly recorder: Recorder
  readonly sse: ConformanceServer['sse']
  /** Where the server listens. Needs sockets. */
  readonly url: string
  /** Makes a request. The connection is closed with the trial. */
  connect(path: string, options?: ConnectOptions): Promise<EventStreamConnection>
  /** Calls the app without a client. Needs in-process calls. */
  fetch(path: string, init?: RequestInit): Promise<Response>
  /** Lets something be closed with the trial. */
  use<Closable extends { close(): Promise<void> }>(made: Promise<Closable>): Promise<Closable>
  /** Waits until so many streams have ended, and says why they did, in that order. */
  reasons(count?: number): Promise<EndReason[]>
  /** What `onError` was told so far. The case expected it, so that it is forgotten. */
  takeErrors(): unknown[]
  /** What reached the framework's error handler so far, which is forgotten as well. */
  takeFrameworkErrors(): unknown[]
  /** What was printed as an error so far, which is forgotten as well. */
  takeLogs(): unknown[]
  /** Stops listening. Resolves when all connections are closed. Needs sockets. */
  stopListening(): Promise<void>
}

/** A trial, and how it ends. */
export interface OpenTrial {
  readonly trial: Trial
  /** All clients go, and nothing holds the sources any longer. */
  leave(): Promise<void>
  /** Stops everything, whatever its state. */
  close(): Promise<void>
}

/** Starts the server of a case. */
export async function openTrial(
  start: StartServer,
  abilities: Abilities,
  setup: Setup,
  { takeLogs }: ProcessWatch,
): Promise<OpenTrial> {
  const stage = createStage()
  const recorder = createRecorder()
  const { target, sse } = await start(createScenarioApp(stage, recorder, setup))
  const running = await listen(target, abilities)
  const clients = openClients(running?.url ?? (target as FetchApp), abilities)
  const trial: Trial = {
    stage,
    recorder,
    sse,
    use: clients.use,
    connect: clients.connect,
    get url() {
      return listening(running).url
    },
    fetch: async (path, init) =>
      (target as FetchApp).fetch(new Request(`http://localhost${path}`, init)),
    async reasons(count = 1) {
      await eventually(() => expect(recorder.ends.length).toBeGreaterThanOrEqual(count))
      return recorder.ends.map(({ reason }) => reason)
    },
    takeErrors: () => recorder.errors.splice(0).map(({ error }) => error),
    takeFrameworkErrors: () => recorder.frameworkErrors.splice(0),
    takeLogs,
    stopListening: () => new Promise((resolve) => listening(running).server.close(() => resolve())),
  }
  const leave = async () => {
    await clients.leave()
    stage.openAll()
    // Runs outlive their clients, but not their case.
    stage.runs.close()
  }
  const close = async () => {
    await leave()
    await sse.close({ graceMs: 0 })
    await running?.close(0)
  }
  return { trial, leave, close }
}

/** Makes requests, and remembers who made them. */
function openClients(
  target: string | FetchApp,
  abilities: Abilities,
): Pick<Trial, 'use' | 'connect'> & { leave(): Promise<void> } {
  const departure = new AbortController()
  const clients: { close(): Promise<void> }[] = []
  const use: Trial['use'] = async (made) => {
    const closable = await made
    clients.push(closable)
    return closable
  }
  const { acceptEncoding } = abilities
  const accepted = acceptEncoding === undefined ? {} : { 'accept-encoding': acceptEncoding }
  const connectTo: Trial['connect'] = (path, options = {}) => {
    const signals = [departure.signal, ...(options.signal ? [options.signal] : [])]
    return use(
      connect(target, {
        timeoutMs: CLIENT_TIMEOUT_MS,
        http2: abilities['HTTP/2'],
        ...options,
        path,
        headers: { ...accepted, ...(options.headers as Record<string, string>) },
        signal: AbortSignal.any(signals),
      }),
    )
  }
  const leave = async (): Promise<void> => {
    departure.abort(new Error('The case is over.'))
    await Promise.all(clients.map((client) => client.close()))
  }
  return { use, connect: connectTo, leave }
}

async function listen(
  target: ConformanceServer['target'],
  abilities: Abilities,
): Promise<RunningServer | undefined> {
  const isCalled = typeof target !== 'function' && resolveTarget(target).kind === 'fetch'
  if (isCalled === abilities.sockets) {
    throw new TypeError(`the target ${isCalled ? 'has no' : 'needs'} sockets: see \`capabilities\``)
  }
  if (isCalled) return undefined
  return startServer(toServer(target as NodeTarget, abilities['HTTP/2']))
}

function listening(running: RunningServer | undefined): RunningServer {
  if (running === undefined) throw new TypeError('the case must require sockets')
  return running
}
