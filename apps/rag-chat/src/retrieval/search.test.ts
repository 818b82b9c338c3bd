import { describe, expect, it } from 'vitest'
import { DOCUMENTS, type Document } from './documents.ts'
import { rerank, retrieve } from './search.ts'

const { signal } = new AbortController()

async function search(question: string): Promise<string[]> {
  const found = await retrieve(question, { signal, delayMs: 0 })
  return titles(await rerank(question, found, { signal, delayMs: 0 }))
}

function titles(documents: readonly Document[]): string[] {
  return documents.map(({ title }) => title)
}

describe('the search', () => {
  it.each([
    ['What does a heartbeat do for proxies?', 'Heartbeats'],
    ['How does a client resume after a lost connection?', 'Reconnecting and the last event ID'],
    ['WebSocket or SSE?', 'WebSockets compared'],
    ['nginx is buffering my stream', 'Proxies that buffer'],
    ['How many connections may one client open?', 'Limits on connections'],
  ])('puts the document first that answers: %s', async (question, title) => {
    expect((await search(question))[0]).toBe(title)
  })

  it('finds nothing for a question about something else', async () => {
    expect(await search('Will it rain?')).toEqual([])
  })

  it('takes no notice of words that every text has', async () => {
    expect(await search('What is the how and why of it?')).toEqual([])
  })

  it('finds at most five documents, and keeps at most three', async () => {
    const question = 'event stream server client'
    expect(await retrieve(question, { signal, delayMs: 0 })).toHaveLength(5)
    expect((await rerank(question, DOCUMENTS, { signal, delayMs: 0 })).length).toBe(3)
  })

  it('drops documents that fit much worse than the best one', async () => {
    const question = 'What happens when a client disconnects?'
    expect(await retrieve(question, { signal, delayMs: 0 })).toHaveLength(5)
    expect(await search(question)).toEqual(['Clients that disconnect'])
  })

  it('stops when its signal aborts', async () => {
    const abort = new AbortController()
    const options = { signal: abort.signal, delayMs: 60_000 }
    const stages = [retrieve('events', options), rerank('events', DOCUMENTS, options)]
    abort.abort()
    for (const stage of stages) await expect(stage).rejects.toMatchObject({ name: 'AbortError' })
  })
})
