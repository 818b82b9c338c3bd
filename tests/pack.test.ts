import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { run } from './support/run.ts'
import { publicPackages, ROOT } from './support/workspace.ts'

// What users get: the tarballs, installed by npm, on the oldest Node at hand. `run.mjs` names the
// Node that the machine came with, while the tests themselves may need a newer one.
const HOST_NODE = process.env['SSE_HOST_NODE'] ?? process.execPath

// Registers test cases when it is imported, so it can only run inside vitest.
const ONLY_IN_VITEST = '@sse/testing/conformance'

const temp = mkdtempSync(join(tmpdir(), 'sse-pack-'))
const consumer = join(temp, 'consumer')
const doors = publicPackages.flatMap((each) => each.doors.map((door) => door.specifier))
const tarballs = new Map<string, string>()

beforeAll(async () => {
  await succeed('turbo', ['run', 'build', '--filter=./packages/*', '--output-logs=errors-only'])
  for (const { name, dir } of publicPackages) {
    const folder = join(temp, name)
    mkdirSync(folder, { recursive: true })
    await succeed('pnpm', ['pack', '--pack-destination', folder], dir)
    tarballs.set(name, join(folder, readdirSync(folder)[0] ?? ''))
  }
}, 180_000)

afterAll(() => rmSync(temp, { recursive: true, force: true }))

describe.each(publicPackages)('the tarball of $name', ({ name }) => {
  it('passes publint', async () => {
    await succeed('publint', ['run', tarball(name), '--strict'])
  })

  it('resolves with types wherever ESM does', { timeout: 60_000 }, async () => {
    await succeed('attw', [tarball(name), '--profile', 'esm-only'])
  })

  it('holds sources, build, README and licence, and no tests', async () => {
    const { output } = await succeed('tar', ['-tzf', tarball(name)])
    const entries = output.trim().split('\n')
    expect(entries).toEqual(
      expect.arrayContaining(['LICENSE', 'README.md', 'dist/index.js'].map((f) => `package/${f}`)),
    )
    expect(entries.filter((entry) => /\.test(-d)?\.ts$/.test(entry))).toEqual([])
  })
})

describe('the tarballs, installed', () => {
  beforeAll(installConsumer, 180_000)

  it.each(doors.filter((door) => door !== ONLY_IN_VITEST))(
    '%s gives the same module to import and require',
    async (door) => {
      const script = `
        const required = require('${door}')
        import('${door}').then((imported) => {
          const names = Object.keys(imported).filter((name) => name !== 'module.exports')
          if (names.length === 0) throw new Error('exports nothing')
          const differing = names.filter((name) => imported[name] !== required[name])
          if (differing.length > 0) throw new Error('differ: ' + differing)
        })`
      await succeed(HOST_NODE, ['--no-warnings', '-e', script], consumer)
    },
  )

  it('have one SseError, whichever door it comes from', async () => {
    const script = `
      const doors = ${JSON.stringify(doors.filter((door) => /@sse\/core/.test(door)))}
      const classes = new Set(doors.map((door) => require(door).SseError).filter(Boolean))
      if (classes.size !== 1) throw new Error(classes.size + ' classes named SseError')`
    await succeed(HOST_NODE, ['--no-warnings', '-e', script], consumer)
  })

  it('have declarations that check in a strict project', { timeout: 60_000 }, async () => {
    const imports = doors.map((door, index) => `export * as door${index} from '${door}'`)
    writeFileSync(join(consumer, 'all.ts'), imports.join('\n'))
    writeFileSync(join(consumer, 'tsconfig.json'), JSON.stringify(STRICT_CONSUMER))
    const { output } = await run('tsc', ['-p', consumer], consumer)
    // Other packages' declarations are checked along with ours, and are not ours to judge.
    expect(output.split('\n').filter((line) => /^(all|node_modules\/@sse\/)/.test(line))).toEqual(
      [],
    )
  })
})

const STRICT_CONSUMER = {
  compilerOptions: {
    target: 'ES2022',
    module: 'NodeNext',
    strict: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
    skipLibCheck: false,
    types: ['node'],
  },
  files: ['all.ts'],
}

async function installConsumer(): Promise<void> {
  const others = ['express', 'hono', 'koa', '@types/express', '@types/koa', '@types/node']
  const dependencies = Object.fromEntries([
    ...others.map((name) => [name, catalogVersion(name)]),
    ...[...tarballs].map(([name, file]) => [name, `file:${file}`]),
  ])
  mkdirSync(consumer)
  // Without the override, other packages' `*` would bring a second, newer one.
  const overrides = { '@types/node': '$@types/node' }
  const manifest = { private: true, dependencies, overrides }
  writeFileSync(join(consumer, 'package.json'), JSON.stringify(manifest))
  const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline']
  await succeed('npm', ['install', ...flags], consumer)
}

/** The version that the workspace pins for a package. */
function catalogVersion(name: string): string {
  const text = readFileSync(join(ROOT, 'pnpm-workspace.yaml'), 'utf8')
  const version = new RegExp(`^ {2}'?${name}'?: (\\S+)$`, 'm').exec(text)?.[1]
  if (version === undefined) throw new Error(`the catalog has no ${name}`)
  return version
}

function tarball(name: string): string {
  return tarballs.get(name) ?? ''
}

async function succeed(file: string, args: string[], cwd = ROOT): Promise<{ output: string }> {
  const { code, output } = await run(file, args, cwd)
  expect(code, `${file} ${args.join(' ')}\n${output}`).toBe(0)
  return { output }
}
