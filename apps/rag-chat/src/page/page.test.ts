import { Script } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { FRAMEWORKS, startTestDemo } from '../test-support/test-demo.ts'

async function pageOf(name: string): Promise<{ type: string | null; html: string }> {
  await using demo = await startTestDemo()
  const response = await fetch(demo.chat(name).url)
  return { type: response.headers.get('Content-Type'), html: await response.text() }
}

describe.each(FRAMEWORKS)('the page of %s', (name) => {
  it('is HTML that names the framework', async () => {
    const { type, html } = await pageOf(name)
    expect(type).toMatch(/^text\/html\b/)
    expect(html).toContain(`<title>RAG chat on ${name}</title>`)
    expect(html).not.toContain('{{')
  })

  it('loads nothing else', async () => {
    const { html } = await pageOf(name)
    expect(html).not.toMatch(/https?:|@import|url\(|<link (?!rel="icon" href="data:,")| src=/)
    expect(html).toContain('color-scheme: light dark')
  })

  it('has a script that parses, and finds all its elements', async () => {
    const { html } = await pageOf(name)
    const script = /<script type="module">(.*)<\/script>/s.exec(html)?.[1] ?? ''
    expect(() => new Script(`(async () => {${script}})`)).not.toThrow()
    const ids = [...script.matchAll(/\$\('(\w+)'\)/g)].map(([, id]) => id)
    expect(new Set(ids).size).toBeGreaterThan(5)
    for (const id of ids) expect(html).toContain(`id="${id}"`)
  })
})
