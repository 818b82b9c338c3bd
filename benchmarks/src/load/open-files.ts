interface UserLimits {
  readonly userLimits: { readonly open_files: { readonly soft: number | 'unlimited' } }
}

// What a process has open besides its connections, with room to spare.
const OTHERS = 200

/** How many files a process may have open. Node raises the soft limit to the hard one when it starts, for its children too. */
export function openFilesAllowed(): number {
  const { userLimits } = process.report.getReport() as unknown as UserLimits
  const { soft } = userLimits.open_files
  return soft === 'unlimited' ? Infinity : soft
}

/**
 * Whether a process may have so many connections. Node raises the soft limit to the hard one when it starts, so
 * that there is nothing left to raise here.
 *
 * @throws Error if not, where nothing may be missing (`SSE_REQUIRE_ALL=1`). Elsewhere it prints what to do.
 */
export function canOpenFiles(connections: number): boolean {
  const allowed = openFilesAllowed()
  if (allowed >= connections + OTHERS) return true
  const message = `${connections} connections need as many open files, and ${allowed} are allowed: ulimit -Hn ${connections + OTHERS}`
  if (process.env['SSE_REQUIRE_ALL'] === '1') throw new Error(message)
  console.warn(message)
  return false
}
