import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const SOURCES = new URL('../../native/', import.meta.url)
// Git ignores it.
const BUILT = new URL('build/', SOURCES)

/**
 * Builds one of the C programs, unless that was done.
 *
 * @returns its path; `undefined` where there is no C compiler, or no Linux.
 */
export function buildNative(name: 'reader' | 'writer'): string | undefined {
  if (process.platform !== 'linux') return undefined
  const program = fileURLToPath(new URL(name, BUILT))
  if (isFresh(program)) return program
  mkdirSync(BUILT, { recursive: true })
  const source = fileURLToPath(new URL(`${name}.c`, SOURCES))
  const { error, status, stderr } = spawnSync(
    process.env['CC'] ?? 'cc',
    ['-O2', '-Wall', '-o', program, source],
    {
      encoding: 'utf8',
    },
  )
  if (error !== undefined) return undefined
  if (status !== 0) throw new Error(`${name}.c: ${stderr}`)
  return program
}

function isFresh(program: string): boolean {
  if (!existsSync(program)) return false
  const builtAt = statSync(program).mtimeMs
  return readdirSync(SOURCES)
    .filter((file) => /\.[ch]$/.test(file))
    .every((file) => statSync(new URL(file, SOURCES)).mtimeMs < builtAt)
}
