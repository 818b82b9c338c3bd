import { type Channel, createChannel, createRuns, type EventInput, type Runs } from '@sse/core'
import { createGate, type Gate } from './eventually.ts'

/** What a case tells the scenarios: what they send, and when. */
export interface Stage {
  /** What the sources send. Taken as it is, whether or not it is an event. */
  events: readonly EventInput[]
  /** Whether sources wait for the gate `end` when they have sent everything. */
  isHeld: boolean
  /** What the sources throw. */
  error: unknown
  /**
   * What most of the routes below `/channel` follow. Has a history; a case that wants another channel puts it here
   * before anybody asks.
   */
  channel: Channel
  /** What `/channels` follows besides. */
  other: Channel
  /** Where `/run` starts its run, and finds it again. May be replaced as well. */
  runs: Runs
  /** Resolves once the case has opened the gate of this name. */
  pass(gate: string): Promise<void>
  /** Opens a gate for everyone, for good. */
  open(gate: string): void
  /** Opens all gates, those that are asked for later included. */
  openAll(): void
}

/** Makes a stage on which nothing was said yet. */
export function createStage(): Stage {
  const gates = new Map<string, Gate>()
  let isOver = false
  const gate = (name: string): Gate => {
    const known = gates.get(name) ?? createGate()
    gates.set(name, known)
    if (isOver) known.open()
    return known
  }
  return {
    events: [],
    isHeld: false,
    error: new Error('SECRET of the source'),
    channel: createChannel({ history: {} }),
    other: createChannel({ history: {} }),
    runs: createRuns(),
    pass: (name) => gate(name).opened,
    open: (name) => gate(name).open(),
    openAll() {
      isOver = true
      for (const each of gates.values()) each.open()
    },
  }
}
