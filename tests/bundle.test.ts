import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { describe, expect, it } from 'vitest'
import { ROOT } from './support/workspace.ts'

// Those who use no channels do not pay for them. Records are written out in full, where spreading would be shorter: an
// idle stream is 5 KB smaller for it.
const SIZES = [
  { what: 'createSse', code: "export { createSse } from './index.ts'", maxGzipBytes: 14_000 },
  { what: 'everything', code: "export * from './index.ts'", maxGzipBytes: 22_500 },
]

describe('@sse/core bundled for any runtime', () => {
  it('imports nothing', async () => {
    const { metafile, errors } = await bundle("export * from './index.ts'")
    const imports = Object.values(metafile.outputs).flatMap((output) => output.imports)
    expect({ errors, imports }).toEqual({ errors: [], imports: [] })
  })

  it.each(SIZES)('stays below $maxGzipBytes bytes gzipped with $what', async (size) => {
    const { outputFiles } = await bundle(size.code)
    const gzipped = gzipSync(outputFiles[0]?.contents ?? '').length
    expect(gzipped).toBeGreaterThan(1_000)
    expect(gzipped).toBeLessThan(size.maxGzipBytes)
  })
})

describe('@sse/hono bundled', () => {
  const contents = "export * from './index.ts'"
  const importsFor = async (conditions: string[]): Promise<string[]> => {
    const { metafile } = await bundle(contents, 'hono', conditions)
    return Object.values(metafile.outputs).flatMap(({ imports }) => imports.map(({ path }) => path))
  }

  it.each([[['workerd', 'worker', 'browser']], [[]]])(
    'imports nothing with the conditions %j',
    async (conditions) => {
      expect(await importsFor(conditions)).toEqual([])
    },
  )

  it('imports the server of Node where it is for Node', async () => {
    expect(new Set(await importsFor(['node']))).toEqual(new Set(['node:http']))
  })
})

function bundle(contents: string, folder = 'core', conditions: string[] = []) {
  return build({
    stdin: { contents, resolveDir: join(ROOT, 'packages', folder, 'src'), loader: 'ts' },
    conditions,
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'neutral',
    // Leaves packages and built-ins as imports, to be counted; core is part of an adapter here.
    packages: folder === 'core' ? 'external' : 'bundle',
    external: ['node:*'],
    metafile: true,
    write: false,
  })
}
