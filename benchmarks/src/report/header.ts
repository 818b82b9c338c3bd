import { readFileSync } from 'node:fs'
import { availableParallelism, cpus, release, type } from 'node:os'
import type { RunHeader } from './result.ts'

/** Where and how a run was made. Versions are those that the manifests pin. */
export function createHeader(mode: 'short' | 'full'): RunHeader {
  return {
    date: new Date().toISOString(),
    mode,
    command: `node benchmarks/src/main.ts ${process.argv.slice(2).join(' ')}`.trim(),
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    kernel: `${type()} ${release()}`,
    node: process.version,
    versions: readVersions(),
  }
}

function readVersions(): Record<string, string> {
  const manifest = new URL('../../package.json', import.meta.url)
  const { devDependencies } = JSON.parse(readFileSync(manifest, 'utf8')) as {
    devDependencies: Record<string, string>
  }
  const names = Object.keys(devDependencies).filter((name) => !name.startsWith('@types/'))
  return Object.fromEntries(names.map((name) => [name, installedVersion(name)]))
}

function installedVersion(name: string): string {
  const manifest = new URL(`../../node_modules/${name}/package.json`, import.meta.url)
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version
}
