import { globSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('../..', import.meta.url))

interface Manifest {
  name: string
  private?: boolean
  exports: Record<string, string | Record<string, string>>
}

/** One importable entry of a package, for example `@sse/core/node`. */
export interface Door {
  specifier: string
  /** Absolute path of the source. */
  source: string
  /** Those that some runtimes get instead. */
  others: string[]
}

export interface PublicPackage {
  name: string
  /** Absolute path of the package folder. */
  dir: string
  doors: Door[]
}

/** The packages that are published. */
export const publicPackages: PublicPackage[] = readdirSync(join(ROOT, 'packages'))
  .map((folder) => join(ROOT, 'packages', folder))
  .map((dir) => ({ dir, manifest: readManifest(dir) }))
  .filter(({ manifest }) => manifest.private !== true)
  .map(({ dir, manifest }) => ({ name: manifest.name, dir, doors: doorsOf(dir, manifest) }))

function readManifest(dir: string): Manifest {
  return JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8')) as Manifest
}

function doorsOf(dir: string, { name, exports }: Manifest): Door[] {
  return Object.entries(exports)
    .map(([key, target]) => ({
      specifier: name + key.slice(1),
      targets: Object.values(typeof target === 'string' ? { target } : target),
    }))
    .filter(({ targets }) => targets.every((target) => target.endsWith('.ts')))
    .map(({ specifier, targets }) => {
      // The last one is the default.
      const [source = '', ...others] = targets.map((target) => join(dir, target)).reverse()
      return { specifier, source, others }
    })
}

/** Absolute paths of the files that match, in a stable order, without what is installed or built. */
export function files(...patterns: string[]): string[] {
  const exclude = ['**/node_modules/**', '**/dist/**']
  return globSync(patterns, { cwd: ROOT, exclude })
    .sort()
    .map((file) => join(ROOT, file))
}

/** Sources that are published: no tests. */
export function publishedSources(): string[] {
  const own = publicPackages.map(({ dir }) => `${dir.slice(ROOT.length)}/src/**/*.ts`)
  return files(...own).filter((file) => !/\.(test|test-d)\.ts$/.test(file))
}
