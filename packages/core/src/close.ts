import { jitter } from './admission/refusal.ts'
import type { Connection } from './connection/connection.ts'
import { endOf } from './connection/event-stream.ts'
import { endAtOnce, endGracefully, endWhenFlushed } from './connection/life.ts'
import type { Engine } from './engine.ts'
import type { ResolvedCloseOptions } from './options.ts'
import { encodeEvent, encodeRetry } from './wire/encode-event.ts'

// How often some of the streams are ended while they are spread over the grace time.
const STEP_MS = 10

/** Ends all streams. From now on requests are refused with 503. */
export async function closeEngine(engine: Engine, options: ResolvedCloseOptions): Promise<void> {
  const { graceMs, retryMs, event } = options
  const farewell = event === undefined ? '' : encodeEvent(event)
  engine.isClosing = true
  for (const gate of engine.gates) gate.refuseAll('shutdown')

  const open = [...engine.shared.connections]
  const allEnded = Promise.all(open.map(endOf))
  for (const connection of open) {
    // Those that are ending already go on as they are.
    if (connection.phase === 'setup' || connection.phase === 'open') connection.isEndHeld = true
    endGracefully(connection, 'shutdown', encodeRetry(jitter(retryMs)) + farewell)
  }
  const stopSpreading = spreadEnds(open, graceMs / 2)
  await within(graceMs, allEnded)
  stopSpreading()
  for (const connection of open) endAtOnce(connection, 'shutdown')
}

/** Ends streams little by little: clients whose streams end together reconnect together. */
function spreadEnds(open: readonly Connection[], mostMs: number): () => void {
  const steps = Math.max(1, Math.floor(Math.min(mostMs, open.length) / STEP_MS))
  const perStep = Math.ceil(open.length / steps)
  let next = 0
  const step = (): void => {
    for (const connection of open.slice(next, next + perStep)) {
      connection.isEndHeld = false
      endWhenFlushed(connection)
    }
    next += perStep
    if (next >= open.length) clearInterval(timer)
  }
  const timer = setInterval(step, STEP_MS)
  step()
  return () => clearInterval(timer)
}

function within(ms: number, promise: Promise<unknown>): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    void promise.then(() => {
      clearTimeout(timer)
      resolve()
    })
  })
}
