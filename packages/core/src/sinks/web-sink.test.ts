import { describe, expect, it } from 'vitest'
import type { ResponseHead } from './sink.ts'
import { createWebSink } from './web-sink.ts'

const HEAD: ResponseHead = { status: 200, headers: { 'Content-Type': 'text/event-stream' } }
const HIGH_WATER_MARK = 16_384

function setUp({ signal = new AbortController().signal, isListening = true } = {}) {
  const heard: string[] = []
  const responses: Response[] = []
  const sink = createWebSink({
    request: { signal },
    answered: new WeakSet(),
    isSent: () => false,
    header: (name) => (name === 'x' ? 'y' : undefined),
    respond: ({ status, headers }, body) =>
      void responses.push(new Response(body, { status, headers })),
  })
  if (isListening) {
    sink.listen({
      drained: () => void heard.push('drained'),
      finished: () => void heard.push('finished'),
      gone: () => void heard.push('gone'),
    })
  }
  return { sink, heard, responses, body: () => responses[0]?.body as ReadableStream<Uint8Array> }
}

function bytes(size: number): Uint8Array {
  return new Uint8Array(size).fill(120)
}

/** Pulls are asynchronous. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('opening', () => {
  it('makes one response, with the head and a body', () => {
    const { sink, responses } = setUp()
    sink.open(HEAD)
    expect(responses).toHaveLength(1)
    expect(responses[0]?.status).toBe(200)
    expect(responses[0]?.headers.get('Content-Type')).toBe('text/event-stream')
    expect(responses[0]?.body).toBeInstanceOf(ReadableStream)
  })

  it('reads headers that were set before', () => {
    const { sink } = setUp()
    expect([sink.header('x'), sink.header('z')]).toEqual(['y', undefined])
  })

  it('tells whether a response was sent each time it is asked', () => {
    let isSent = false
    const sink = createWebSink({
      request: new AbortController(),
      answered: new WeakSet(),
      isSent: () => isSent,
      header: () => undefined,
      respond: () => undefined,
    })
    expect(sink.isSent).toBe(false)
    isSent = true
    expect(sink.isSent).toBe(true)
  })
})

describe('writing', () => {
  it('is taken in until 16 KiB wait, counted in bytes', () => {
    const { sink } = setUp()
    sink.open(HEAD)
    expect(sink.bufferedBytes).toBe(0)
    expect(sink.write(bytes(HIGH_WATER_MARK - 1))).toBe(true)
    expect(sink.write(bytes(1))).toBe(false)
    expect(sink.bufferedBytes).toBe(HIGH_WATER_MARK)
  })

  it('goes to the reader unchanged and in order', async () => {
    const { sink, body } = setUp()
    sink.open(HEAD)
    sink.write(sink.encode('data: €\n\n').bytes)
    sink.write(sink.encode('data: b\n\n').bytes)
    sink.end(false)
    expect(await new Response(body()).text()).toBe('data: €\n\ndata: b\n\n')
  })

  it('belongs to the reader: what others have is not in the same memory', async () => {
    const { sink, body } = setUp()
    sink.open(HEAD)
    const shared = bytes(10)
    for (const each of [shared, shared.subarray(0, 5), sink.encode('own').bytes]) sink.write(each)
    const reader = body().getReader()
    for (const length of [10, 5, 3]) {
      const { value } = await reader.read()
      expect(value).toHaveLength(length)
      // As a byte stream does that it is handed on to.
      structuredClone(value, { transfer: [(value as Uint8Array<ArrayBuffer>).buffer] })
    }
    expect(shared).toEqual(bytes(10))
  })

  it('drains when the reader took what waited', async () => {
    const { sink, heard, body } = setUp()
    sink.open(HEAD)
    await turn()
    sink.write(bytes(HIGH_WATER_MARK))
    heard.length = 0
    await turn()
    expect(heard).toEqual([])
    await body().getReader().read()
    await turn()
    expect(heard).toContain('drained')
    expect(sink.bufferedBytes).toBe(0)
  })

  it('does not drain while more waits than there is room for', async () => {
    const { sink, heard, body } = setUp()
    sink.open(HEAD)
    await turn()
    sink.write(bytes(HIGH_WATER_MARK))
    sink.write(bytes(HIGH_WATER_MARK))
    heard.length = 0
    const reader = body().getReader()
    await reader.read()
    await turn()
    expect(heard).toEqual([])
    await reader.read()
    await turn()
    expect(heard).toContain('drained')
  })

  it('holds nothing before it is opened', () => {
    const { sink } = setUp()
    expect(sink.bufferedBytes).toBe(0)
    expect(sink.write(bytes(1))).toBe(false)
  })
})

describe('the end', () => {
  it('comes at once when nothing waits', async () => {
    const { sink, heard, body } = setUp()
    sink.open(HEAD)
    sink.end(false)
    expect(heard).toEqual(['finished'])
    expect(await body().getReader().read()).toEqual({ done: true, value: undefined })
  })

  it('comes only when the reader took everything', async () => {
    const { sink, heard, body } = setUp()
    sink.open(HEAD)
    await turn()
    sink.write(bytes(10))
    sink.write(bytes(20))
    sink.end(false)
    heard.length = 0
    await turn()
    expect(heard).toEqual([])
    const reader = body().getReader()
    expect((await reader.read()).value).toHaveLength(10)
    await turn()
    expect(heard).toEqual([])
    expect((await reader.read()).value).toHaveLength(20)
    expect((await reader.read()).done).toBe(true)
    expect(heard).toEqual(['finished'])
  })

  it('is told once', async () => {
    const { sink, heard, body } = setUp()
    sink.open(HEAD)
    sink.write(bytes(10))
    sink.end(false)
    await new Response(body()).arrayBuffer()
    await turn()
    expect(heard.filter((what) => what === 'finished')).toEqual(['finished'])
    expect(heard).not.toContain('gone')
  })
})

describe('a client that leaves', () => {
  it('by cancelling the body is gone', async () => {
    const { sink, heard, body } = setUp()
    sink.open(HEAD)
    await body().cancel()
    expect(heard.filter((what) => what !== 'drained')).toEqual(['gone'])
  })

  it('by aborting the request is gone', () => {
    const client = new AbortController()
    const { sink, heard } = setUp(client)
    expect(sink.isGone).toBe(false)
    client.abort()
    expect(heard).toEqual(['gone'])
    expect(sink.isGone).toBe(true)
  })

  it('before anybody listened is seen by isGone', () => {
    const client = new AbortController()
    const { sink, heard } = setUp({ signal: client.signal, isListening: false })
    client.abort()
    expect(sink.isGone).toBe(true)
    expect(heard).toEqual([])
  })

  it('is told to the last listener only', () => {
    const client = new AbortController()
    const { sink, heard } = setUp(client)
    const later: string[] = []
    const ignore = (): void => undefined
    sink.listen({ drained: ignore, finished: ignore, gone: () => void later.push('gone') })
    client.abort()
    expect([heard, later]).toEqual([[], ['gone']])
  })
})

describe('destroy', () => {
  it('fails the body with the reason', async () => {
    const { sink, body } = setUp()
    sink.open(HEAD)
    sink.write(bytes(1))
    sink.destroy(new Error('send timeout'), false)
    await expect(new Response(body()).text()).rejects.toThrow('send timeout')
  })

  it('changes nothing after the end, or before the head', async () => {
    const { sink, body } = setUp()
    sink.destroy(new Error('too early'), false)
    sink.open(HEAD)
    sink.write(bytes(1))
    sink.end(false)
    expect(await new Response(body()).text()).toBe('x')
    sink.destroy(new Error('too late'), false)
  })
})

describe('release', () => {
  it('removes the listener of the signal, and tells nobody any more', async () => {
    const client = new AbortController()
    const removed: string[] = []
    client.signal.removeEventListener = (name: string) => void removed.push(name)
    const { sink, heard, body } = setUp(client)
    sink.open(HEAD)
    sink.release()
    await body().cancel()
    expect(removed).toEqual(['abort'])
    expect(heard).toEqual([])
  })

  it('answers with 499 where nothing was answered, because frameworks need a response', () => {
    const { sink, responses } = setUp()
    sink.release()
    expect(responses.map(({ status, body }) => [status, body])).toEqual([[499, null]])
  })

  it('makes no second response', () => {
    const opened = setUp()
    opened.sink.open(HEAD)
    opened.sink.release()
    const replied = setUp()
    replied.sink.reply(HEAD, '')
    replied.sink.release()
    expect([opened.responses.length, replied.responses.length]).toEqual([1, 1])
  })

  it('makes no second response where the first could not be made', () => {
    let made = 0
    const sink = createWebSink({
      request: new AbortController(),
      answered: new WeakSet(),
      isSent: () => false,
      header: () => undefined,
      respond: () => {
        made += 1
        throw new Error('bad header')
      },
    })
    expect(() => sink.open(HEAD)).toThrow('bad header')
    sink.release()
    expect(made).toBe(1)
  })
})

describe('reply', () => {
  it('answers with a whole response', async () => {
    const { sink, responses } = setUp()
    sink.reply({ status: 503, headers: { 'Retry-After': '5' } }, '{"error":{}}')
    expect(responses[0]?.status).toBe(503)
    expect(responses[0]?.headers.get('Retry-After')).toBe('5')
    expect(await responses[0]?.text()).toBe('{"error":{}}')
  })

  it('without a body has none', () => {
    const { sink, responses } = setUp()
    sink.reply(HEAD, '')
    expect(responses[0]?.body).toBeNull()
  })
})
