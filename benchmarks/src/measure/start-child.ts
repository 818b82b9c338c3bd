import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** A process that stays until it is stopped. */
export interface Child<Message> {
  readonly pid: number
  /** What it sent first. */
  readonly message: Message
  /** Sends it something, and resolves with what it answers. */
  ask(question: object): Promise<Message>
  stop(): Promise<void>
}

/** Starts a module in a process of its own, with settings as JSON in its first argument. */
export async function startChild<Message>(
  module: URL,
  settings: object,
  execArgv: readonly string[] = [],
): Promise<Child<Message>> {
  const child = fork(fileURLToPath(module), [JSON.stringify(settings)], {
    stdio: 'inherit',
    // Not those of this process: what it was told to run, a child would run again.
    execArgv: [...execArgv],
  })
  const exit = once(child, 'exit')
  const ended = exit.then(([code]) => {
    throw new Error(`${module.pathname} ended with ${String(code)} before it answered`)
  })
  ended.catch(() => undefined)
  const next = async (): Promise<Message> => {
    const [message] = await Promise.race([once(child, 'message'), ended])
    return message as Message
  }
  return {
    message: await next(),
    pid: child.pid ?? 0,
    ask: (question) => {
      child.send(question)
      return next()
    },
    async stop() {
      if (child.connected) child.disconnect()
      await exit
    },
  }
}

/** Runs a module in a process of its own. @returns the one message that it sends. */
export async function runChild<Message>(module: URL, settings: object): Promise<Message> {
  const child = await startChild<Message>(module, settings)
  await child.stop()
  return child.message
}
