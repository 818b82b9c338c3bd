import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { buildNative } from '../native/build.ts'
import { startLineProcess } from '../native/line-process.ts'
import { CORES, pinTo } from '../native/pin.ts'
import { within } from '../native/within.ts'
import type { Answer, BurstCommand, Command, RateCommand } from './host.ts'
import { hasNchan } from './nchan.ts'
import type { SystemOptions } from './system.ts'

/** A system that runs. */
export interface SystemServer {
  readonly name: string
  readonly port: number
  /** The processes whose CPU time is its own. */
  readonly pids: readonly number[]
  /**
   * Publishes tick after tick, with a turn of its event loop in between, and waits only if the reader is behind by more
   * than `mostAhead` events for each connection.
   */
  burst(burst: Omit<BurstCommand, 'kind'>): Promise<Answer>
  /** Publishes at fixed times, whether or not it keeps up; each event says when it was due. */
  rate(rate: Omit<RateCommand, 'kind'>): Promise<Answer>
  /** Anything else, of those that run in Node. */
  ask(command: Command): Promise<Answer>
  stop(): Promise<void>
}

/** The name of the one in C. */
export const C = 'C'

const KEPT_CHARACTERS = 2_000

let canRun: Readonly<Record<string, boolean>> | undefined

/** Those of the systems that this machine can run; prints a line for each one that it cannot. */
export function runnable(names: readonly string[]): string[] {
  if (canRun === undefined) {
    canRun = { [C]: buildNative('writer') !== undefined, nchan: hasNchan() }
    if (!canRun[C])
      console.log('No C compiler: without the server in C, and with a client in Node.')
    if (!canRun['nchan']) console.log('No nginx with nchan: left out.')
  }
  return names.filter((name) => canRun?.[name] ?? true)
}

/** Starts one, by its name. */
export async function startSystem(
  name: string,
  counters: string,
  options: SystemOptions = {},
): Promise<SystemServer> {
  return name === C ? startC(counters) : startNode(name, counters, options)
}

async function startC(counters: string): Promise<SystemServer> {
  const program = [...pinTo(CORES.server), buildNative('writer') as string, counters]
  const { process, ready } = await startLineProcess<{ readonly port: number }>(program)
  return {
    name: C,
    port: ready.port,
    pids: [process.pid],
    burst: ({ ms, perTick, dataBytes, slot, mostAhead, isDistinct = false }) =>
      process.ask(`burst ${ms} ${perTick} ${dataBytes} ${slot} ${mostAhead} ${isDistinct ? 1 : 0}`),
    rate: ({ perSecond, ms, dataBytes }) => process.ask(`rate ${perSecond} ${ms} ${dataBytes}`),
    ask: ({ kind }) => process.ask(kind),
    stop: () => process.stop(),
  }
}

async function startNode(
  name: string,
  counters: string,
  options: SystemOptions,
): Promise<SystemServer> {
  const [pin, ...pinArguments] = pinTo(CORES.server)
  const node = [process.execPath, '--expose-gc']
  const child = fork(
    fileURLToPath(new URL('host.ts', import.meta.url)),
    [name, JSON.stringify(options), counters],
    {
      // Some of them print what they have to say about clients that leave. It is of interest only when they fail.
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      execPath: pin ?? process.execPath,
      execArgv: pin === undefined ? node.slice(1) : [...pinArguments, ...node],
    },
  )
  const next = messagesOf(name, child)
  const { port, pids } = await next<{ readonly port: number; readonly pids: number[] }>()
  const ask = (command: Command): Promise<Answer> => {
    child.send(command)
    return within(`${name}: ${command.kind}`, next<Answer>())
  }
  return {
    name,
    port,
    pids,
    burst: (burst) => ask({ kind: 'burst', ...burst }),
    rate: (rate) => ask({ kind: 'rate', ...rate }),
    ask,
    async stop() {
      if (child.exitCode !== null) return
      const exit = once(child, 'exit')
      child.disconnect()
      await exit
    },
  }
}

function messagesOf(name: string, child: ChildProcess): <Message>() => Promise<Message> {
  let said = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-KEPT_CHARACTERS)
  })
  let waiting: ((error: Error) => void) | undefined
  child.once('close', (code, signal) => {
    // It was told to.
    if (code === 0) return
    const error = new Error(`${name} ended with ${code ?? signal}\n${said}`)
    if (waiting === undefined) console.error(error)
    else waiting(error)
  })
  return () =>
    new Promise((resolve, reject) => {
      waiting = reject
      child.once('message', (message) => {
        waiting = undefined
        resolve(message as never)
      })
    })
}
