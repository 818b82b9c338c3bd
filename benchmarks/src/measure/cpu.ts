import { existsSync, readdirSync, readFileSync } from 'node:fs'

const NS_PER_TICK = 10_000_000

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
  return sum > 0 ? sum : coarseCpuOf(pid)
}

/** Where the kernel keeps no such count: in steps of 10 ms (proc(5), `utime` and `stime`). */
function coarseCpuOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // The name of the program, in brackets, may hold anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * NS_PER_TICK
}
