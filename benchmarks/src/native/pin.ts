import { spawnSync } from 'node:child_process'
import { availableParallelism } from 'node:os'

/** Servers share one core, and the reader has another, so that neither is moved, nor takes the other's time. */
export const CORES = { server: 0, reader: 1 } as const

let canPin: boolean | undefined

/** The arguments that make `taskset` start a program on a core; none where that is not possible. */
export function pinTo(core: number): string[] {
  canPin ??=
    process.platform === 'linux' &&
    availableParallelism() > CORES.reader &&
    spawnSync('taskset', ['-c', String(CORES.reader), 'true']).status === 0
  return canPin ? ['taskset', '-c', String(core)] : []
}
