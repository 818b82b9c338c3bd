import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createFakeSink, createFakeSse, openFake, turnEnd } from '../../test/fake-sink.ts'
import type { EventStream } from './event-stream.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

type Options = Parameters<typeof openFake>[1]

/** Opens a stream whose handler waits for the end, and hands out what the handler sees. */
async function open(options: Options = {}) {
  let opened: EventStream | undefined
  const fixture = openFake(async (stream) => {
    opened = stream
    await stream.ended
  }, options)
  await turnEnd()
  return { ...fixture, stream: opened as EventStream }
}

describe('send', () => {
  it('resolves while the client keeps up', async () => {
    const { stream, sink } = await open()
    await stream.send('a')
    await stream.send({ event: 'b', data: { n: 1 } })
    await turnEnd()
    expect(sink.text()).toBe(':\ndata: a\n\nevent: b\ndata: {"n":1}\n\n')
  })

  it('puts all events of one turn into one write', async () => {
    const { stream, sink } = await open()
    for (const text of ['a', 'b', 'c']) void stream.send(text)
    await turnEnd()
    expect(sink.log).toEqual(['<open>', ':\n', 'data: a\n\ndata: b\n\ndata: c\n\n'])
  })

  it('waits while the client does not read, and resolves when it does', async () => {
    const { stream, sink } = await open()
    sink.isFrozen = true
    void stream.send('x'.repeat(2_000))
    await turnEnd()
    const log: string[] = []
    void stream.send('waits').then(() => log.push('sent'))
    await turnEnd()
    expect(log).toEqual([])
    sink.thaw()
    await turnEnd()
    expect(log).toEqual(['sent'])
    expect(sink.text()).toContain('data: waits\n\n')
  })

  it('resolves when the client leaves while it waits', async () => {
    const { stream, sink } = await open()
    sink.isFrozen = true
    void stream.send('x'.repeat(2_000))
    await turnEnd()
    const sent = stream.send('waits')
    sink.leave()
    await sent
    expect(await stream.ended).toBe('client-disconnect')
  })

  it('resolves after the end, and counts the event as dropped', async () => {
    const { stream, sink, sse } = await open()
    sink.leave()
    await stream.send('late')
    expect(sink.text()).not.toContain('late')
    expect(sse.stats()).toMatchObject({ dropped: 1, events: 0 })
  })

  it('resolves while the stream is ending, and sends nothing more', async () => {
    const { stream, sink } = await open()
    sink.isFrozen = true
    void stream.send('x'.repeat(2_000))
    await turnEnd()
    stream.close()
    await stream.send('late')
    sink.thaw()
    await turnEnd()
    expect(sink.text()).not.toContain('late')
  })

  it('rejects what cannot be encoded, reports it, and the stream goes on', async () => {
    const { stream, sink, errors } = await open()
    await expect(stream.send({ id: 'a\nb' })).rejects.toMatchObject({
      code: 'ERR_SSE_INVALID_FIELD',
    })
    await stream.send('next')
    await turnEnd()
    expect(errors).toEqual([expect.objectContaining({ code: 'ERR_SSE_INVALID_FIELD' })])
    expect(sink.text()).toBe(':\ndata: next\n\n')
  })

  it('goes through the serializer of the route', async () => {
    const { stream, sink } = await open({ serialize: (data) => `<${String(data)}>` })
    await stream.send({ data: 5n })
    await turnEnd()
    expect(sink.text()).toContain('data: <5>\n\n')
  })

  it('counts events, and bytes in UTF-8', async () => {
    const { stream, sse } = await open()
    await stream.send('€')
    await stream.send({ comment: 'only' })
    await turnEnd()
    const bytes = Buffer.byteLength(':\ndata: €\n\n: only\n')
    expect(sse.stats()).toMatchObject({ events: 2, bytes })
  })
})

describe('comment', () => {
  it('becomes comment lines, which are no events', async () => {
    const { stream, sink, sse } = await open()
    await stream.comment('one\ntwo\r\nthree')
    await stream.comment('')
    await turnEnd()
    expect(sink.text()).toBe(':\n: one\n: two\n: three\n:\n')
    expect(sse.stats().events).toBe(0)
  })

  it('cannot inject an event', async () => {
    const { stream, sink } = await open()
    await stream.comment('x\r\rdata: forged\n\n')
    await turnEnd()
    expect(sink.text()).toBe(':\n: x\n: \n: data: forged\n: \n: \n')
  })

  it('that is no text is refused', async () => {
    const { stream, errors } = await open()
    await expect(stream.comment(5 as never)).rejects.toMatchObject({
      code: 'ERR_SSE_INVALID_FIELD',
    })
    expect(errors).toHaveLength(1)
  })

  it('opens the stream where it is the first that is sent', async () => {
    const { sink } = openFake(async (stream) => {
      await stream.comment('hello')
    })
    await turnEnd()
    expect(sink.text()).toBe(':\n: hello\n')
  })

  it('resolves after the end', async () => {
    const { stream, sink } = await open()
    sink.leave()
    await stream.comment('late')
    expect(sink.text()).toBe(':\n')
  })

  it('does not end a stream by maxEvents', async () => {
    const { stream, ends } = await open({ maxEvents: 1 })
    await stream.comment('one')
    await stream.comment('two')
    expect(ends).toEqual([])
  })
})

describe('close', () => {
  it('ends the stream as closed, after what was sent before', async () => {
    const { stream, sink, ends } = await open()
    void stream.send('a')
    stream.close()
    await turnEnd()
    expect(sink.log).toEqual(['<open>', ':\n', 'data: a\n\n', '<end>'])
    expect(ends).toEqual(['closed'])
  })

  it('sends a last event, which counts as one', async () => {
    const { stream, sink, sse } = await open()
    stream.close({ event: 'bye', data: 1 })
    await turnEnd()
    expect(sink.text()).toBe(':\nevent: bye\ndata: 1\n\n')
    expect(sse.stats()).toMatchObject({ events: 1, dropped: 0, ended: { closed: 1 } })
  })

  it('sends a last event although the client has not read yet and the buffer is full', async () => {
    const { stream, sink, ends } = await open({ maxBufferedBytes: 100 })
    sink.isFrozen = true
    sink.highWaterMark = 1
    void stream.send('x'.repeat(200))
    await turnEnd()
    stream.close({ event: 'bye', data: 'y'.repeat(200) })
    sink.thaw()
    await turnEnd()
    expect(ends).toEqual(['closed'])
    expect(sink.text()).toMatch(/event: bye\ndata: y{200}\n\n$/)
  })

  it('counts a last event as dropped when the client leaves before it is out', async () => {
    const { stream, sink, sse } = await open()
    sink.isFrozen = true
    sink.highWaterMark = 1
    void stream.send('x')
    await turnEnd()
    stream.close('last')
    sink.leave()
    expect(sse.stats()).toMatchObject({ events: 2, dropped: 1 })
  })

  it('drops a client that does not take the last event within sendTimeoutMs', async () => {
    const { stream, sink, ends } = await open({ sendTimeoutMs: 5_000, heartbeatMs: 0 })
    sink.isFrozen = true
    stream.close('bye')
    await vi.advanceTimersByTimeAsync(4_900)
    expect(ends).toEqual([])
    await vi.advanceTimersByTimeAsync(300)
    expect(ends).toEqual(['closed'])
    expect(sink.log.at(-1)).toBe('<destroy>')
  })

  it('opens a stream whose head was not sent', async () => {
    const { sink, answered } = openFake((stream) => stream.close('only'))
    await answered
    expect(sink.head?.status).toBe(200)
    expect(sink.text()).toBe(':\ndata: only\n\n')
  })

  it('does nothing the second time', async () => {
    const { stream, sink, ends } = await open()
    stream.close('first')
    stream.close('second')
    await turnEnd()
    stream.close('third')
    expect(sink.text()).toBe(':\ndata: first\n\n')
    expect(ends).toEqual(['closed'])
  })

  it('throws for a last event that cannot be encoded, and the stream goes on', async () => {
    const { stream, sink, ends } = await open()
    expect(() => stream.close({ event: 'a\nb', data: 1 })).toThrow(
      expect.objectContaining({ code: 'ERR_SSE_INVALID_FIELD' }),
    )
    await stream.send('goes on')
    await turnEnd()
    expect(sink.text()).toContain('goes on')
    expect(ends).toEqual([])
  })

  it('after the end does not even look at its event', async () => {
    const { stream, sink } = await open()
    sink.leave()
    expect(() => stream.close({ event: 'a\nb' })).not.toThrow()
  })

  it('aborts the signal at once', async () => {
    const { stream } = await open()
    const { signal } = stream
    stream.close()
    expect(signal.reason).toMatchObject({ code: 'closed' })
  })
})

describe('signal and ended', () => {
  it('are the same each time they are asked for', async () => {
    const { stream } = await open()
    expect(stream.signal).toBe(stream.signal)
    expect(stream.ended).toBe(stream.ended)
  })

  it('tell the reason, also to who asks after the end', async () => {
    const { stream, sink } = openWithoutWaiting()
    await turnEnd()
    sink.leave()
    expect(stream().signal.reason).toMatchObject({ code: 'client-disconnect' })
    expect(await stream().ended).toBe('client-disconnect')
  })

  it('tell the end no earlier than it comes, also to who asks while it ends', async () => {
    const { stream, sink } = openWithoutWaiting()
    sink.isFrozen = true
    await turnEnd()
    void stream().send('held')
    await turnEnd()
    stream().close()
    let isOver = false
    const { ended } = stream()
    void ended.then(() => {
      isOver = true
    })
    await turnEnd()
    expect(isOver).toBe(false)
    sink.thaw()
    expect(await ended).toBe('closed')
  })

  it('abort while the stream is ending as closed', async () => {
    const { stream, sink } = openWithoutWaiting()
    sink.isFrozen = true
    await turnEnd()
    stream().close()
    expect(stream().signal.reason).toMatchObject({ code: 'closed' })
  })

  it('do not abort while the last bytes of a completed stream are on their way', async () => {
    let opened: EventStream | undefined
    const { sink } = openFake((stream) => {
      opened = stream
      return ['x']
    })
    sink.isFrozen = true
    await turnEnd()
    expect(opened?.signal.aborted).toBe(false)
    sink.thaw()
    expect(opened?.signal.reason).toMatchObject({ code: 'completed' })
  })

  it('do not abort with an error of the source as cause unless there was one', async () => {
    const { stream } = await open()
    stream.close()
    expect('cause' in stream.signal.reason).toBe(false)
  })

  function openWithoutWaiting() {
    let opened: EventStream | undefined
    const fixture = openFake((stream) => {
      opened = stream
      return new Promise(() => undefined)
    })
    return { ...fixture, stream: () => opened as EventStream }
  }
})

describe('the first argument of a handler', () => {
  it('tells the id of the connection, which hooks are told, too', async () => {
    const ids: string[] = []
    const { stream } = await open({
      onOpen: ({ id }) => void ids.push(id),
      onEnd: (_reason, { id }) => void ids.push(id),
    })
    stream.close()
    await turnEnd()
    expect(ids).toEqual([stream.id, stream.id])
    expect(stream.id).toMatch(/^[0-9a-f]{8}-[0-9a-z]+$/)
  })

  it('tells the last event ID, which hooks are told, too', async () => {
    const told: unknown[] = []
    const sse = createFakeSse({
      onEnd: (_reason, info) => void told.push(info),
    })
    const sink = createFakeSink()
    const request = { sink, lastEventId: '7' }
    await sse.handler((stream) => [`after ${stream.lastEventId}`])(request)
    await turnEnd()
    expect(sink.text()).toContain('data: after 7\n\n')
    expect(told).toEqual([
      {
        id: expect.any(String),
        context: request,
        lastEventId: '7',
        durationMs: expect.any(Number),
        events: 1,
        bytes: Buffer.byteLength(':\ndata: after 7\n\n'),
      },
    ])
  })

  it('measures how long the stream was open in whole ms', async () => {
    const durations: number[] = []
    const { stream } = await open({
      onEnd: (_reason, { durationMs }) => void durations.push(durationMs),
    })
    await vi.advanceTimersByTimeAsync(1_234)
    stream.close()
    await turnEnd()
    expect(durations).toEqual([1_234])
  })
})
