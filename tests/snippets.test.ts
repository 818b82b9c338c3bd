import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { type Export, exportsOf } from './support/door-exports.ts'
import { run } from './support/run.ts'
import { type Snippet, snippetsOf } from './support/snippets.ts'
import { files, publicPackages, publishedSources, ROOT } from './support/workspace.ts'

// In a package that depends on all others and on every framework, so that all imports resolve.
const OUT = join(ROOT, 'packages/interop/.snippets')

const pages = files('*.md', 'docs/**/*.md', '{packages,apps}/*/*.md', 'benchmarks/*.md')
const examples = publishedSources().flatMap(snippetsOf)
const snippets = [...pages.flatMap(snippetsOf), ...examples]

describe('code in README files, docs and doc comments', () => {
  beforeAll(() => {
    rmSync(OUT, { recursive: true, force: true })
    mkdirSync(OUT, { recursive: true })
  })

  it('is found', () => {
    expect(snippets.length).toBeGreaterThan(0)
  })

  it('is marked as plain ts, and so checked', () => {
    expect(snippets.filter(({ info }) => info !== 'ts').map(whereIs)).toEqual([])
  })

  it('compiles', { timeout: 120_000 }, async () => {
    writeModules()
    const { output } = await run('tsc', ['-p', OUT, '--pretty', 'false'], OUT)
    expect(output.split('\n').filter(Boolean).map(locate)).toEqual([])
  })
})

function writeModules(): void {
  const known = exportsOf([...new Set([...examples.map(({ file }) => file), ...doorSources()])])
  for (const [index, snippet] of snippets.entries()) {
    // The imports take exactly one line: locate() counts on it.
    const module = `${importsFor(snippet, known)}\n${snippet.code}\nexport {}\n`
    writeFileSync(join(OUT, `${index}.ts`), module)
  }
  const config = { extends: '../../../tsconfig.base.json', include: ['*.ts'] }
  writeFileSync(join(OUT, 'tsconfig.json'), JSON.stringify(config))
}

function doorSources(): string[] {
  return publicPackages.flatMap(({ doors }) => doors.map(({ source }) => source))
}

/**
 * An example in a doc comment may leave out the imports of its own package, as API pages do: from
 * its file first, then from the doors.
 */
function importsFor({ file, code }: Snippet, known: Map<string, Export[]>): string {
  const owner = publicPackages.find(({ dir }) => file.startsWith(`${dir}/src/`))
  if (!owner) return ''
  const taken = new Set<string>()
  return [file, ...owner.doors.map(({ source }) => source)]
    .map((source) => {
      const names = (known.get(source) ?? []).filter(
        ({ name }) => !taken.has(name) && uses(code, name),
      )
      for (const { name } of names) taken.add(name)
      const list = names.map(({ name, typeOnly }) => (typeOnly ? `type ${name}` : name))
      return list.length > 0 ? `import { ${list.join(', ')} } from '${relative(OUT, source)}';` : ''
    })
    .join('')
}

/** Whether the code uses the name without declaring or importing it. */
function uses(code: string, name: string): boolean {
  const word = `(?<![.\\w$])${name}(?![\\w$])`
  const declared = `(?:const|let|var|function\\*?|class|interface|type)\\s+${word}`
  const listed = `\\{[^}]*${word}[^}]*\\}\\s*(?:=|from\\b)`
  return new RegExp(word).test(code) && !new RegExp(`${declared}|${listed}`).test(code)
}

/** Turns `3.ts(5,1): error …` into the place where the snippet is written. */
function locate(message: string): string {
  const [, index, line, rest] = /^(\d+)\.ts\((\d+),\d+\): (.*)$/.exec(message) ?? []
  const snippet = snippets[Number(index)]
  if (!snippet) return message
  return `${whereIs({ ...snippet, line: snippet.line + Number(line) - 2 })} ${rest}`
}

function whereIs({ file, line }: Snippet): string {
  return `${relative(ROOT, file)}:${line}`
}
