import type { Requirement } from './capabilities.ts'
import type { Setup } from './scenario.ts'
import type { Trial } from './trial.ts'

/** One behaviour of an adapter that a client, a handler or a hook can observe. */
export interface ConformanceCase {
  /** Never changes its meaning, and is never given to another case. */
  readonly id: `SSE-${string}-${number}`
  /** As in RFC 2119: what breaks clients, what most of them want, what is a favour. */
  readonly level: 'MUST' | 'SHOULD' | 'MAY'
  /** The behaviour, in the present tense. */
  readonly name: string
  /** Where it is written down, or what it follows from. */
  readonly spec: string
  readonly requires?: readonly Requirement[]
  readonly setup?: Setup
  /** Rejects if the behaviour is another. What every case asserts afterwards is in `aftermath.ts`. */
  run(trial: Trial): Promise<void>
}
