import { describe, expect, it } from 'vitest'
import { defer, eventStreamResponse, rejection, streamOf } from '../../test/support.ts'
import { connect } from './connect.ts'
import type { EventStreamConnection } from './event-stream-connection.ts'
import type { ReceivedEvent } from './received-event.ts'

const datas = (events: readonly ReceivedEvent[]) => events.map(({ data }) => data)

/** A connection to a body that the test writes as it goes. */
async function open(): Promise<{
  connection: EventStreamConnection
  send: (text: string) => void
  body: ReadableStreamDefaultController
}> {
  const started = defer<ReadableStreamDefaultController>()
  const stream = new ReadableStream({ start: started.resolve })
  const connection = await connect(() => eventStreamResponse(stream))
  const body = await started.promise
  return { connection, body, send: (text) => body.enqueue(new TextEncoder().encode(text)) }
}

function ofEvents(...data: string[]): Promise<EventStreamConnection> {
  return connect(() => eventStreamResponse(streamOf(data.map((one) => `data: ${one}\n\n`))))
}

describe('nextEvent', () => {
  it('takes one event after the other', async () => {
    const connection = await ofEvents('a', 'b')
    expect((await connection.nextEvent()).data).toBe('a')
    expect((await connection.nextEvent()).data).toBe('b')
  })

  it('rejects when the event stream has ended', async () => {
    const connection = await ofEvents('a')
    await connection.nextEvent()
    expect(await rejection(connection.nextEvent())).toMatchObject({
      code: 'ERR_SSE_TEST_ENDED',
      message: expect.stringContaining('`nextEvent()` failed, the event stream ended before.'),
    })
  })
})

describe('take', () => {
  it('takes so many events and leaves the rest', async () => {
    const connection = await ofEvents('a', 'b', 'c')
    expect(datas(await connection.take(2))).toEqual(['a', 'b'])
    expect(datas(await connection.all())).toEqual(['c'])
  })

  it('waits for events to come', async () => {
    const { connection, send } = await open()
    const taken = connection.take(2)
    send('data: a\n\n')
    send('data: b\n\n')
    expect(datas(await taken)).toEqual(['a', 'b'])
  })

  it('takes none when asked for none', async () => {
    expect(await (await ofEvents('a')).take(0)).toEqual([])
  })

  it('takes nothing when it fails', async () => {
    const connection = await ofEvents('a', 'b')
    await rejection(connection.take(3))
    expect(datas(await connection.all())).toEqual(['a', 'b'])
  })

  it('refuses a count that is none', async () => {
    const connection = await ofEvents()
    expect((await rejection(connection.take(1.5))).code).toBe('ERR_SSE_TEST_OPTION')
    expect((await rejection(connection.take(-1))).code).toBe('ERR_SSE_TEST_OPTION')
  })
})

describe('until', () => {
  it('takes all events up to and including the first of a type', async () => {
    const { connection, send } = await open()
    const taken = connection.until('done')
    send('data: a\n\nevent: done\ndata: b\n\ndata: c\n\n')
    expect(datas(await taken)).toEqual(['a', 'b'])
    expect((await connection.nextEvent()).data).toBe('c')
  })

  it('asks a predicate once for each event', async () => {
    const { connection, send } = await open()
    const asked: string[] = []
    const taken = connection.until(({ data }) => asked.push(data) === 3)
    send('data: a\n\n')
    await connection.waitFor(({ received }) => received.length === 1)
    send('data: b\n\ndata: c\n\n')
    await taken
    expect(asked).toEqual(['a', 'b', 'c'])
  })

  it('does not match events that were taken before', async () => {
    const connection = await ofEvents('a', 'a')
    await connection.nextEvent()
    expect(await connection.until(({ data }) => data === 'a')).toHaveLength(1)
  })

  it('lists what came when the event stream ends first', async () => {
    const body = ': hi\n\nid: 7\nevent: token\ndata: {"a":1}\n\nevent: done\ndata: x\n'
    const connection = await connect(() => eventStreamResponse(body))
    const error = await rejection(connection.until('done'))
    expect(error.message).toBe(
      `\`until('done')\` failed, the event stream ended before. Received so far: 1 event, ` +
        `1 comment, 60 bytes.\n` +
        `  token: "{\\"a\\":1}" (id 7)\n` +
        `  not (yet) an event, no blank line: "event: done\\ndata: x\\n"`,
    )
    expect(error.events).toMatchObject([{ event: 'token', id: '7' }])
  })

  it('passes on what a predicate throws', async () => {
    const connection = await ofEvents('oops')
    await expect(connection.until((event) => event.json() === 1)).rejects.toThrow(SyntaxError)
  })
})

describe('all', () => {
  it('resolves with no events for an empty event stream', async () => {
    expect(await (await ofEvents()).all()).toEqual([])
  })

  it('resolves with what came before the test closed the connection', async () => {
    const { connection, send } = await open()
    send('data: a\n\n')
    await connection.waitFor(({ received }) => received.length === 1)
    const all = connection.all()
    await connection.close()
    expect(datas(await all)).toEqual(['a'])
  })
})

describe('for await', () => {
  it('ends with the event stream', async () => {
    const seen: string[] = []
    for await (const { data } of await ofEvents('a', 'b')) seen.push(data)
    expect(seen).toEqual(['a', 'b'])
  })

  it('leaves the connection open when it is left', async () => {
    const { connection, send } = await open()
    send('data: a\n\n')
    for await (const { data } of connection) if (data === 'a') break
    send('data: b\n\n')
    expect((await connection.nextEvent()).data).toBe('b')
  })

  it('gives each event the time that was asked for', async () => {
    const { connection, send } = await open()
    send('data: a\n\n')
    const seen: string[] = []
    const loop = async () => {
      for await (const { data } of connection.events({ timeoutMs: 20 })) seen.push(data)
    }
    expect((await rejection(loop())).code).toBe('ERR_SSE_TEST_TIMEOUT')
    expect(seen).toEqual(['a'])
  })

  it('ends when the connection is closed within it', async () => {
    const { connection, send } = await open()
    send('data: a\n\n')
    const seen: string[] = []
    for await (const { data } of connection) {
      seen.push(data)
      await connection.close()
    }
    expect(seen).toEqual(['a'])
    expect(await connection.ended()).toBe('closed')
  })
})

describe('waitFor', () => {
  it('waits for comments, which are no events', async () => {
    const { connection, send } = await open()
    const waited = connection.waitFor(({ comments }) => comments.length === 2)
    send(':\n\n')
    send(': still here\n\n')
    await waited
    expect(connection.comments).toEqual(['', 'still here'])
  })

  it('waits for the reconnection time', async () => {
    const { connection, send } = await open()
    expect(connection.retry).toBeUndefined()
    send('retry: 1500\n\n')
    await connection.waitFor(({ retry }) => retry === 1500)
  })

  it('rejects when the event stream ends first', async () => {
    const connection = await ofEvents('a')
    const error = await rejection(connection.waitFor(() => false))
    expect(error.code).toBe('ERR_SSE_TEST_ENDED')
  })
})

describe('a body that breaks', () => {
  it('makes every method reject once what came is taken', async () => {
    const { connection, send, body } = await open()
    send('data: a\n\ndata: b\n\n')
    await connection.waitFor(({ received }) => received.length === 2)
    body.error(new Error('broken pipe'))
    expect(await connection.ended()).toBe('cut')
    expect((await connection.nextEvent()).data).toBe('a')
    expect(await rejection(connection.all())).toMatchObject({
      code: 'ERR_SSE_TEST_CUT',
      message: expect.stringContaining('the connection broke: broken pipe'),
      cause: expect.objectContaining({ message: 'broken pipe' }),
    })
    expect((await connection.nextEvent()).data).toBe('b')
    expect((await rejection(connection.nextEvent())).code).toBe('ERR_SSE_TEST_CUT')
    const loop = async () => {
      for await (const event of connection) throw new Error(`unexpected ${event.data}`)
    }
    expect((await rejection(loop())).code).toBe('ERR_SSE_TEST_CUT')
  })

  it('is one that is not made of bytes', async () => {
    const connection = await connect(() =>
      eventStreamResponse(new ReadableStream({ start: (body) => body.enqueue('data: a\n\n') })),
    )
    const error = await rejection(connection.nextEvent())
    expect(error.message).toContain('must be made of Uint8Array chunks, got string')
  })
})
