import { vi } from 'vitest'
import { nextTurn } from '../clock.ts'

// What Node warns of when listeners pile up on an emitter, or a header is forbidden in HTTP/2.
const WATCHED_WARNINGS = ['MaxListenersExceededWarning', 'UnsupportedWarning']

// Why a response was cut: the bridge from fetch to Node prints what core gives it as reason, and rightly so.
const CUT_BY_SERVER = ['overflow', 'send-timeout', 'shutdown']

/** Notes what nobody handles in this process, and what is printed to the console for want of a better place. */
export interface ProcessWatch {
  /** What was printed so far. The case expected it, so that it is forgotten. */
  takeLogs(): unknown[]
  /** Stops, and gives all that was seen and not taken. */
  stop(): Promise<unknown[]>
}

/** Starts to watch. The test runner goes on to see errors that nobody handles as well. */
export function watchProcess(): ProcessWatch {
  const seen: unknown[] = []
  const logs: unknown[] = []
  const note = (error: unknown): void => void seen.push(error)
  const noteWarning = (warning: Error): void => {
    if (WATCHED_WARNINGS.includes(warning.name)) seen.push(warning)
  }
  const console = vi.spyOn(globalThis.console, 'error').mockImplementation((error: unknown) => {
    const { code } = (error ?? {}) as { code?: unknown }
    if (!CUT_BY_SERVER.includes(code as string)) logs.push(error)
  })
  process.on('unhandledRejection', note)
  process.on('uncaughtException', note)
  process.on('warning', noteWarning)
  return {
    takeLogs: () => logs.splice(0),
    async stop() {
      // A rejection counts as unhandled once the microtasks of its turn have run.
      await nextTurn()
      process.off('unhandledRejection', note)
      process.off('uncaughtException', note)
      process.off('warning', noteWarning)
      console.mockRestore()
      return [...seen, ...logs]
    },
  }
}
