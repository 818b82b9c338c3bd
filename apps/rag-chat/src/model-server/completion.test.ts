import { describe, expect, it } from 'vitest'
import { streamCompletion } from './completion.ts'

describe('a streamed completion', () => {
  it('stops when its signal aborts, whatever the model takes for a token', async () => {
    const abort = new AbortController()
    const request = { model: 'demo', messages: [{ role: 'user', content: 'Hello?' }] }
    const options = { signal: abort.signal, tokenDelayMs: 60_000 }
    const events = streamCompletion(request, options)
    await events.next()
    const next = events.next()
    abort.abort()
    await expect(next).rejects.toMatchObject({ name: 'AbortError' })
  })
})
