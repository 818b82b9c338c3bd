import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { describe, expect, it } from 'vitest'
import { ROOT } from './support/workspace.ts'

const MAX_GZIP_BYTES = 16_000

describe('@sse/core bundled for any runtime', async () => {
  const { metafile, outputFiles, errors } = await build({
    entryPoints: [join(ROOT, 'packages/core/src/index.ts')],
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'neutral',
    // Leaves packages and built-ins as imports, to be counted below.
    packages: 'external',
    external: ['node:*'],
    metafile: true,
    write: false,
  })

  it('imports nothing', () => {
    const imports = Object.values(metafile.outputs).flatMap((output) => output.imports)
    expect({ errors, imports }).toEqual({ errors: [], imports: [] })
  })

  it(`stays below ${MAX_GZIP_BYTES} bytes gzipped`, () => {
    const gzipped = gzipSync(outputFiles[0]?.contents ?? '').length
    expect(gzipped).toBeGreaterThan(0)
    expect(gzipped).toBeLessThan(MAX_GZIP_BYTES)
  })
})
