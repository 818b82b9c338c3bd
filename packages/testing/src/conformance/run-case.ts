import { expect } from 'vitest'
import { assertAftermath } from './aftermath.ts'
import type { Abilities } from './capabilities.ts'
import type { ConformanceCase } from './conformance-case.ts'
import { eventually } from './eventually.ts'
import type { StartServer } from './scenario.ts'
import { openTrial } from './trial.ts'
import { watchProcess } from './watch-process.ts'

// How long what must hold after every case may take to come about.
const SETTLE_MS = 3_000

/** Runs one case on a server of its own. Rejects if it, or what must hold after every case, fails. */
export async function runCase(
  { setup = {}, run }: ConformanceCase,
  start: StartServer,
  abilities: Abilities,
  settleMs: number = SETTLE_MS,
): Promise<void> {
  const watch = watchProcess()
  try {
    const { trial, leave, close } = await openTrial(start, abilities, setup, watch)
    try {
      await run(trial)
      await leave()
      const { recorder, sse, stage } = trial
      await eventually(() => assertAftermath(recorder, sse.stats(), stage), settleMs)
    } finally {
      await close()
    }
  } finally {
    expect(await watch.stop(), 'errors that nobody handled, or that were printed').toEqual([])
  }
}

/** Runs a case that is known to fail. Rejects if it no longer does. */
export async function assertStillFails(
  each: ConformanceCase,
  start: StartServer,
  abilities: Abilities,
): Promise<void> {
  const fails = await runCase(each, start, abilities).then(
    () => false,
    () => true,
  )
  if (!fails) throw new Error(`${each.id} no longer fails: take it out of \`knownFailures\``)
}
