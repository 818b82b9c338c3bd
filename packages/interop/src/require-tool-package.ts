import { createRequire } from 'node:module'
import { requireTool } from './require-tool.ts'

/**
 * Finds a program that comes as an optional dependency.
 *
 * @param binary - The package and the path in it, such as `@deno/linux-x64-glibc/deno`.
 * @returns As {@link requireTool}.
 */
export function requireToolPackage(name: string, binary: string): string | undefined {
  const find = (): string | undefined => {
    try {
      return createRequire(import.meta.url).resolve(binary)
    } catch {
      // An optional dependency: not installed on other platforms.
      return undefined
    }
  }
  return requireTool(name, find, 'pnpm install, on Linux x86-64 with glibc')
}
