import { readdirSync, readFileSync } from 'node:fs'

/**
 * CPU time that a process has used so far, with all of its threads, in µs. Its scheduler counts what ran, so that
 * waiting for a core that others use does not show.
 */
export function cpuMicros(pid: number): number {
  const tasks = `/proc/${pid}/task`
  const nanos = readdirSync(tasks).map((task) => nanosOf(`${tasks}/${task}/schedstat`))
  return nanos.reduce((sum, each) => sum + each, 0) / 1e3
}

function nanosOf(file: string): number {
  try {
    return Number(readFileSync(file, 'latin1').split(' ', 1)[0])
  } catch {
    // The thread ended between the two looks.
    return 0
  }
}
