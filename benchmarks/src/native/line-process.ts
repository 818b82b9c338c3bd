import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { within } from './within.ts'

/** A program that takes commands as lines, and answers some of them with a line of JSON, in order. */
export interface LineProcess {
  readonly pid: number
  /** Sends a command without an answer. */
  tell(command: string): void
  /** Sends a command. */
  ask<Answer>(command: string): Promise<Answer>
  stop(): Promise<void>
}

/** Starts a program; `ready` is the line that it prints first. */
export async function startLineProcess<Ready>([file = '', ...args]: readonly string[]): Promise<{
  readonly process: LineProcess
  readonly ready: Ready
}> {
  const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  const next = answersOf(child)
  const ready = (await next()) as Ready
  const { stdin, pid } = child
  const tell = (command: string): void => void stdin.write(`${command}\n`)
  return {
    ready,
    process: {
      pid: pid as number,
      tell,
      ask: (command) => {
        tell(command)
        return within(`${file} ${command}`, next()) as Promise<never>
      },
      async stop() {
        if (child.exitCode !== null) return
        const exit = once(child, 'exit')
        stdin.end()
        await exit
      },
    },
  }
}

interface Waiting {
  resolve(answer: unknown): void
  reject(error: Error): void
}

function answersOf(child: ChildProcess): () => Promise<unknown> {
  const waiting: Waiting[] = []
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream })
  lines.on('line', (line) => waiting.shift()?.resolve(JSON.parse(line)))
  const fail = (error: Error): void => {
    for (const { reject } of waiting.splice(0)) reject(error)
  }
  child.on('error', fail)
  child.on('exit', (code) => fail(new Error(`${child.spawnfile} ended with ${code}`)))
  // What it no longer reads is of no interest.
  child.stdin?.on('error', () => undefined)
  return () => new Promise((resolve, reject) => waiting.push({ resolve, reject }))
}
