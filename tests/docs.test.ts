import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { END_REASONS, endError } from '../packages/core/src/connection/end-reason.ts'
import { connectionOf } from '../packages/core/src/connection/event-stream.ts'
import { responseSent } from '../packages/core/src/connection/life.ts'
import { startSource } from '../packages/core/src/connection/source.ts'
import { createChannel, createSse, encodeEvent } from '../packages/core/src/index.ts'
import { createSse as createNodeSse } from '../packages/core/src/node.ts'
import { anchorsOf, headingsOf, linksOf } from './support/markdown.ts'
import { files, ROOT } from './support/workspace.ts'

const pages = files('*.md', 'docs/**/*.md', '{packages,apps}/*/*.md', 'benchmarks/*.md')
const errorsPage = join(ROOT, 'docs/errors.md')

describe('links between pages', () => {
  it('are found', () => {
    expect(pages.flatMap(linksOf).filter(isRelative).length).toBeGreaterThan(10)
  })

  it('lead to a file or folder that exists', () => {
    expect(brokenLinks(({ file }) => !existsSync(file))).toEqual([])
  })

  it('lead to a heading that exists', () => {
    expect(
      brokenLinks(
        ({ file, anchor }) =>
          anchor !== undefined && file.endsWith('.md') && !anchorsOf(file).includes(anchor),
      ),
    ).toEqual([])
  })
})

describe('docs/errors.md', () => {
  it.each([
    ['packages/core/src/errors.ts', 'SseErrorCode'],
    ['packages/core/src/errors.ts', 'EndReason'],
    ['packages/core/src/admission/reject-reason.ts', 'RejectReason'],
    ['packages/testing/src/errors.ts', 'SseTestErrorCode'],
  ])('documents every member of %s %s', (file, name) => {
    const members = unionMembers(join(ROOT, file), name)
    expect(members.length).toBeGreaterThan(0)
    expect(members.filter((member) => !headingsOf(errorsPage).includes(member))).toEqual([])
  })

  it('quotes messages as they are', async () => {
    const text = readFileSync(errorsPage, 'utf8')
    const rejected = createNodeSse().respond({} as never, [])
    const messages = [
      ...thrownMessages(),
      ...END_REASONS.map((reason) => endError(reason).message),
      await rejected.then(String, ({ message }: Error) => message),
    ]
    expect(messages.filter((message) => !text.includes(`> ${message}\n`))).toEqual([])
  })
})

function* thrownMessages(): Generator<string> {
  yield messageOf(() => createSse({ heartbeatMs: '15s' as unknown as number }))
  yield messageOf(() => encodeEvent({ id: 'a\nb', data: 'x' }))
  yield messageOf(() => encodeEvent({ data: new Uint8Array(1) }))
  yield messageOf(() => encodeEvent({ percent: 40 } as unknown as string))
  yield messageOf(() => startSource(function source() {}))
  yield responseSent().message
  yield messageOf(() => connectionOf({}))
  const channel = createChannel()
  channel.close()
  yield messageOf(() => channel.publish('late'))
}

function messageOf(run: () => unknown): string {
  try {
    run()
  } catch (error) {
    return (error as Error).message
  }
  throw new Error('nothing was thrown')
}

/** The string literals of an exported union. */
function unionMembers(file: string, name: string): string[] {
  const source = readFileSync(file, 'utf8')
  const union = new RegExp(`^export type ${name} =(?<body>[^=;]*?)\\n(?:\\n|$)`, 'm').exec(source)
  return [...(union?.groups?.['body'] ?? '').matchAll(/'([^']+)'/g)].map(([, value]) => value ?? '')
}

interface Target {
  readonly file: string
  readonly anchor: string | undefined
}

function brokenLinks(isBroken: (target: Target) => boolean): string[] {
  return pages.flatMap((page) =>
    linksOf(page)
      .filter((link) => isRelative(link) && isBroken(targetOf(page, link)))
      .map((link) => `${relative(ROOT, page)}: ${link}`),
  )
}

function isRelative(link: string): boolean {
  return !/^[a-z]+:/i.test(link)
}

function targetOf(page: string, link: string): Target {
  const [path = '', anchor] = link.split('#')
  return { file: path === '' ? page : resolve(dirname(page), decodeURI(path)), anchor }
}
