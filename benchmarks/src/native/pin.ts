import { execFileSync, spawnSync } from 'node:child_process'
import { availableParallelism, cpus } from 'node:os'

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

/**
 * Keeps all threads of a process on one core, or lets them go again. Where there is one core, or no `taskset`,
 * nothing happens.
 *
 * @returns whether it is pinned.
 */
export function pin(pid: number, core: number | 'any'): boolean {
  if (cpus().length < 2) return false
  const list = core === 'any' ? `0-${cpus().length - 1}` : String(core)
  try {
    execFileSync('taskset', ['-a', '-c', '-p', list, String(pid)], { stdio: 'ignore' })
    return core !== 'any'
  } catch {
    return false
  }
}
