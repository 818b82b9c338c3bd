/** Something to be done at the end of a turn of the event loop. */
export interface TurnTask {
  /** Whether it is in line for the end of this turn. */
  isScheduled: boolean
  /** Called once for each time it was scheduled, with the time at which the turn ended, in whole ms. */
  onTurnEnd(now: number): void
}

/** Runs tasks at the end of the current turn of the event loop, all in one callback. */
export interface Turns {
  /** How many turns have ended at whose end something was done. */
  count: number
  /** Puts a task in line, unless it already is. */
  schedule(task: TurnTask): void
}

// After I/O and all microtasks of this turn. Where only timers exist, a zero delay is as near as it gets.
// Microtasks would run before a source had a chance to yield its next event.
export const afterTurn: (callback: () => void) => unknown =
  (globalThis as { setImmediate?: (callback: () => void) => unknown }).setImmediate ??
  ((callback) => setTimeout(callback, 0))

/**
 * The time of `performance.now()`. Whole numbers are kept in the record that they belong to, others somewhere else in
 * memory, which is far for one that was not looked at for a while.
 */
export function wholeMs(): number {
  return Math.trunc(performance.now())
}

/** @param atTurnEnd - Calls back at the end of the turn. */
export function createTurns(atTurnEnd: typeof afterTurn = afterTurn): Turns {
  let tasks: TurnTask[] = []
  const run = (): void => {
    const due = tasks
    tasks = []
    const now = wholeMs()
    for (const task of due) {
      task.isScheduled = false
      task.onTurnEnd(now)
    }
    turns.count += 1
  }
  const turns: Turns = {
    count: 0,
    schedule(task) {
      if (task.isScheduled) return
      task.isScheduled = true
      if (tasks.push(task) === 1) atTurnEnd(run)
    },
  }
  return turns
}
