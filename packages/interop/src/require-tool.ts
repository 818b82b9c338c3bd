import { accessSync, constants } from 'node:fs'
import { delimiter, isAbsolute, join } from 'node:path'

/**
 * Finds a program that some tests need and a developer's machine may lack.
 *
 * Where `SSE_REQUIRE_ALL=1` is set, as in CI, nothing may be missing. Elsewhere the caller skips its
 * tests: `describe.skipIf(nginx === undefined)(…)`.
 *
 * @param name - What to call it in the message.
 * @param candidates - Commands on the PATH or absolute paths, best first; or a function that finds it.
 * @param installHint - The command that installs it.
 * @returns The absolute path of the program, or `undefined` after one line that says what to install.
 * @throws Error if it is missing and `SSE_REQUIRE_ALL=1`.
 */
export function requireTool(
  name: string,
  candidates: readonly string[] | (() => string | undefined),
  installHint: string,
): string | undefined {
  const found = typeof candidates === 'function' ? candidates() : firstExecutable(candidates)
  if (found !== undefined) return found
  const message = `${name} is missing, its tests cannot run. To install it: ${installHint}`
  if (process.env['SSE_REQUIRE_ALL'] === '1') throw new Error(message)
  console.warn(message)
  return undefined
}

function firstExecutable(candidates: readonly string[]): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  return candidates
    .flatMap((name) => (isAbsolute(name) ? [name] : folders.map((folder) => join(folder, name))))
    .find(isExecutable)
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    // Absent or not ours to run: either way not a candidate.
    return false
  }
}
