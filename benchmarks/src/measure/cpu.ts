import { existsSync, readdirSync, readFileSync } from 'node:fs'

/** The CPU time that processes have used so far, all threads, in ns. The kernel counts only what was run: it does not mind interruptions. */
export function cpuNs(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + cpuOf(pid), 0)
}

function cpuOf(pid: number): number {
  const folder = `/proc/${pid}/task`
  if (!existsSync(folder)) throw new Error(`Process ${pid} has ended`)
  let sum = 0
  for (const thread of readdirSync(folder)) {
    try {
      sum += Number(readFileSync(`${folder}/${thread}/schedstat`, 'utf8').split(' ')[0])
    } catch {
      // It ended since the folder was read; it was one that did next to nothing.
    }
  }
  return sum
}
