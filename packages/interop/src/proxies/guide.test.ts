import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8')

describe('the guide to deploying', () => {
  it.each([
    ['nginx', 'nginx/streaming.conf'],
    ['caddyfile', 'caddy/Caddyfile'],
  ])('shows the %s configuration that the tests run', (language, file) => {
    const guide = read('../../../../docs/guides/deploying.md')
    expect(guide).toContain(`\`\`\`${language}\n${read(file)}\`\`\`\n`)
  })
})
