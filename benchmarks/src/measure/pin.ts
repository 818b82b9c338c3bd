import { execFileSync } from 'node:child_process'
import { cpus } from 'node:os'

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
