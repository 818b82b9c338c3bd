import type { Happening, Opener } from './happening.ts'

/** What a test asks of an agent. */
export type Command =
  | { type: 'open'; id: number; kind: string; url: string; headers: Record<string, string> }
  | { type: 'close'; id: number }

/** What an agent says. */
export interface Message {
  id: number
  happening: Happening
}

/** The first message of an agent that is a program; no stream has its id. */
export const READY: Message = { id: 0, happening: { type: 'open' } }

/**
 * Opens event streams on behalf of a test, inside a browser or another runtime.
 *
 * @param openers - What it can open event streams with, by kind.
 * @param send - Hands a message to the test, in order.
 */
export function createAgent(
  openers: Readonly<Record<string, Opener>>,
  send: (message: Message) => void,
): (command: Command) => void {
  const closers = new Map<number, () => void>()
  return (command) => {
    const { id } = command
    if (command.type === 'close') {
      closers.get(id)?.()
      closers.delete(id)
      return
    }
    const { kind, url, headers } = command
    const emit = (happening: Happening): void => send({ id, happening })
    const open = openers[kind]
    if (open === undefined) return emit({ type: 'failed', why: `there is no ${kind} here` })
    closers.set(id, open(url, headers, emit))
  }
}
