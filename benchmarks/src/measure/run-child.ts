import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/**
 * Runs a module in a process of its own, with settings as JSON in its first argument.
 *
 * @returns the one message that it sends.
 */
export async function runChild<Message>(
  module: URL,
  settings: object,
  execArgv: readonly string[] = [],
): Promise<Message> {
  const child = fork(fileURLToPath(module), [JSON.stringify(settings)], {
    stdio: 'inherit',
    // Not those of this process: what it was told to run, a child would run again.
    execArgv: [...execArgv],
  })
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`${module.pathname} ended with ${String(code)} before it reported`)
  })
  const [message] = await Promise.race([once(child, 'message'), ended])
  child.disconnect()
  // It may be at its end already, or reach it any time now.
  ended.catch(() => undefined)
  return message as Message
}
