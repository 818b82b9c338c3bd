import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

/** A program that a test started. */
export interface Spawned {
  readonly child: ChildProcessWithoutNullStreams
  /** What it wrote to stderr so far. */
  readonly complaints: () => string
  /** Calls back for every line on stdout. */
  onLine(callback: (line: string) => void): void
  /** Ends it; resolves when it is gone. Safe to call twice. */
  stop(signal?: NodeJS.Signals): Promise<void>
}

/** Starts a program, and ends it with this process at the latest. */
export function spawned(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Spawned {
  const child = spawn(command, args, { env: { ...process.env, ...env } })
  const kill = (): void => void child.kill('SIGKILL')
  process.once('exit', kill)
  const gone = new Promise<void>((resolve) => {
    // An `error` means that it never ran; there may be no `close` then.
    child.once('error', (error) => {
      complaints += String(error)
      resolve()
    })
    child.once('close', resolve)
  }).then(() => void process.off('exit', kill))
  let complaints = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaints += text
  })
  // It may be gone before it read everything: `close` says so.
  child.stdin.on('error', () => undefined)
  return {
    child,
    complaints: () => complaints,
    onLine: (callback) => void createInterface({ input: child.stdout }).on('line', callback),
    stop(signal = 'SIGTERM') {
      child.kill(signal)
      return gone
    },
  }
}
