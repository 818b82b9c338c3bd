import { dirname, relative, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { importsOf } from './support/imports.ts'
import { publishedSources, ROOT } from './support/workspace.ts'

interface Edge {
  from: string
  to: string
  typeOnly: boolean
  line: number
}

const ADAPTERS = { express: ['express'], hono: ['hono'], koa: ['koa'] }
const NODE_CODE = /^packages\/core\/src\/(node\.ts|sinks\/node-[^/]+\.ts|compression\/.+\.ts)$/

// Relative imports as paths from the root, all others as they are written.
const edges: Edge[] = publishedSources().flatMap((file) =>
  importsOf(file).map(({ specifier, ...rest }) => ({
    from: relative(ROOT, file),
    to: specifier.startsWith('.') ? relative(ROOT, resolve(dirname(file), specifier)) : specifier,
    ...rest,
  })),
)

describe('architecture', () => {
  it('knows the sources', () => {
    expect(edges.some(({ from }) => from.startsWith('packages/core/src/'))).toBe(true)
  })

  it('has no import cycle', () => {
    expect(findCycle()).toEqual([])
  })

  it('imports relative files with their extension', () => {
    expect(violations(({ to }) => isFile(to) && !to.endsWith('.ts'))).toEqual([])
  })

  it('keeps core free of packages, and of node: outside its Node code', () => {
    const allowed = ({ from, to }: Edge): boolean =>
      isFile(to) || (to.startsWith('node:') && NODE_CODE.test(from))
    expect(violations((edge) => isIn(edge.from, 'core') && !allowed(edge))).toEqual([])
  })

  it('lets wire import nothing of core but errors and thenable', () => {
    const allowed = (to: string): boolean =>
      to.startsWith('packages/core/src/wire/') ||
      /^packages\/core\/src\/(?:errors|thenable)\.ts$/.test(to)
    expect(
      violations(({ from, to }) => from.startsWith('packages/core/src/wire/') && !allowed(to)),
    ).toEqual([])
  })

  it.each(Object.entries(ADAPTERS))(
    'lets the %s adapter import core, and its framework for types only',
    (adapter, frameworks) => {
      const allowed = ({ to, typeOnly }: Edge): boolean =>
        to.startsWith(`packages/${adapter}/src/`) ||
        /^@sse\/core(\/|$)/.test(to) ||
        (typeOnly && frameworks.some((name) => to === name || to.startsWith(`${name}/`)))
      expect(violations((edge) => isIn(edge.from, adapter) && !allowed(edge))).toEqual([])
    },
  )
})

function violations(isWrong: (edge: Edge) => boolean): string[] {
  return edges.filter(isWrong).map(({ from, to, line }) => `${from}:${line} imports ${to}`)
}

function isFile(to: string): boolean {
  return to.startsWith('packages/')
}

function isIn(file: string, folder: string): boolean {
  return file.startsWith(`packages/${folder}/src/`)
}

/** The files of the first cycle, or none. Types count: a cycle of types is still two files in one. */
function findCycle(): string[] {
  const done = new Set<string>()
  const path: string[] = []
  const walk = (file: string): string[] => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file]
    if (done.has(file)) return []
    path.push(file)
    for (const { from, to } of edges) {
      const cycle = from === file && isFile(to) ? walk(to) : []
      if (cycle.length > 0) return cycle
    }
    path.pop()
    done.add(file)
    return []
  }
  for (const { from } of edges) {
    const cycle = walk(from)
    if (cycle.length > 0) return cycle
  }
  return []
}
