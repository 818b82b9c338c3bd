import { describe, expect, it } from 'vitest'
import { createRecent } from './recent.ts'

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)
const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)

describe('the last bytes of a text', () => {
  it('are all as long as there are few', () => {
    const recent = createRecent(100, 1_000)
    expect(textOf(recent.bytes())).toBe('')
    recent.add(bytesOf('ab'))
    recent.add(bytesOf('c'))
    expect(textOf(recent.bytes())).toBe('abc')
    recent.clear()
    expect(textOf(recent.bytes())).toBe('')
  })

  it('are the last ones of many, and never more than wanted', () => {
    const recent = createRecent(100, 100)
    let text = ''
    for (let number = 0; number < 2_000; number += 1) {
      text += `${number} `
      recent.add(bytesOf(`${number} `))
      const kept = textOf(recent.bytes())
      expect(kept.length).toBeLessThanOrEqual(100)
      expect(kept.length).toBeGreaterThanOrEqual(Math.min(text.length, 100))
      expect(text.endsWith(kept)).toBe(true)
    }
  })

  it('are more after large writes, of which only the end may fit', () => {
    const recent = createRecent(100, 1_000)
    recent.add(bytesOf('x'.repeat(200)))
    recent.add(bytesOf('y'.repeat(200)))
    expect(textOf(recent.bytes())).toBe('x'.repeat(200) + 'y'.repeat(200))
    recent.add(bytesOf(`${'z'.repeat(3_000)}!`))
    expect(textOf(recent.bytes())).toBe(`${'z'.repeat(999)}!`)
  })
})
