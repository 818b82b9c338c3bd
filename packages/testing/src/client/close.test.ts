import type { ServerResponse } from 'node:http'
import { describe, expect, it } from 'vitest'
import { defer, eventStreamResponse, http2Side, openStream, rejection } from '../../test/support.ts'
import { serve } from '../serve.ts'
import { connect } from './connect.ts'
import type { NodeListener } from './target.ts'

describe('close', () => {
  it('is seen by the server over HTTP/1.1', async () => {
    const closed = defer<boolean>()
    await using app = await serve((_req, res) => {
      openStream(res).on('close', () => closed.resolve(res.writableFinished))
    })
    const connection = await connect(app.url)
    await connection.close()
    expect(await closed.promise).toBe(false)
    expect(await connection.ended()).toBe('closed')
  })

  it('is a reset with CANCEL over HTTP/2', async () => {
    const closed = defer<number>()
    const target: NodeListener = (_req, res) => {
      const { stream } = http2Side(openStream(res))
      stream.on('aborted', () => closed.resolve(stream.rstCode))
    }
    await using app = await serve(target, { http2: true })
    const connection = await connect(app.url, { http2: true })
    await connection.close()
    expect(await closed.promise).toBe(8)
  })

  it('aborts the signal of a fetch request and cancels the body', async () => {
    const seen: string[] = []
    const handler = (request: Request) => {
      request.signal.addEventListener('abort', () => seen.push('abort'))
      return eventStreamResponse(new ReadableStream({ cancel: () => void seen.push('cancel') }))
    }
    const connection = await connect(handler)
    await connection.close()
    expect(seen).toEqual(['abort', 'cancel'])
  })

  it('does not wait for a source that never finishes its cleanup', async () => {
    const body = new ReadableStream({ cancel: () => new Promise(() => {}) })
    const connection = await connect(() => eventStreamResponse(body))
    await connection.close()
    expect(await connection.ended()).toBe('closed')
  })

  it('does not reject when the cleanup of the source does', async () => {
    const body = new ReadableStream({ cancel: () => Promise.reject(new Error('cleanup')) })
    const connection = await connect(() => eventStreamResponse(body))
    await connection.close()
  })

  it('closes the server that was started for the connection, after it has noticed', async () => {
    let response: ServerResponse | undefined
    const connection = await connect((_req, res) => {
      response = openStream(res)
    })
    await connection.close()
    expect(response?.closed).toBe(true)
    expect(response?.writableFinished).toBe(false)
  })

  it('happens when the signal is aborted', async () => {
    const client = new AbortController()
    const closed = defer()
    const target: NodeListener = (_req, res) => void openStream(res).on('close', closed.resolve)
    const connection = await connect(target, { signal: client.signal })
    client.abort()
    await closed.promise
    expect(await connection.ended()).toBe('closed')
  })

  it('happens at the end of await using', async () => {
    const closed = defer()
    {
      await using connection = await connect((_req, res) => {
        openStream(res).on('close', closed.resolve)
      })
      expect(connection.response.status).toBe(200)
    }
    await closed.promise
  })

  it('may happen twice, and after the end', async () => {
    const connection = await connect(() => eventStreamResponse('data: a\n\n'))
    await connection.ended()
    await Promise.all([connection.close(), connection.close()])
    expect(await connection.ended()).toBe('completed')
    expect(await connection.take(1)).toHaveLength(1)
  })

  it('makes pending calls reject', async () => {
    const connection = await connect(() => eventStreamResponse(new ReadableStream()))
    const next = connection.nextEvent()
    await connection.close()
    const error = await rejection(next)
    expect(error.code).toBe('ERR_SSE_TEST_ENDED')
    expect(error.message).toContain('the event stream was closed by the test before')
  })
})

describe('reconnect', () => {
  const countOn: NodeListener = (req, res) => {
    const from = Number(req.headers['last-event-id'] ?? 0)
    openStream(res)
    for (let id = from + 1; id <= from + 3; id++) res.write(`id: ${id}\ndata: ${req.method}\n\n`)
  }

  it('sends the id of the last event taken', async () => {
    await using app = await serve(countOn)
    const first = await connect(app.url)
    await first.waitFor(({ received }) => received.length === 3)
    await first.take(2)
    await using second = await first.reconnect()
    expect((await second.take(3)).map(({ id }) => id)).toEqual(['3', '4', '5'])
    expect(await first.ended()).toBe('closed')
  })

  it('reaches a listener whose server was closed with the connection', async () => {
    const first = await connect(countOn, { method: 'POST', body: {} })
    await first.take(3)
    await first.close()
    await using second = await first.reconnect()
    expect(await second.nextEvent()).toMatchObject({ id: '4', data: 'POST' })
  })

  it('sends no last event ID when there is none', async () => {
    const handler = (request: Request) =>
      eventStreamResponse(`data: ${request.headers.get('last-event-id')}\n\n`)
    const second = await (await connect(handler)).reconnect()
    expect((await second.nextEvent()).data).toBe('null')
  })

  it('replaces a last event ID that was given as a header', async () => {
    await using app = await serve(countOn)
    const first = await connect(app.url, { headers: { 'Last-Event-ID': '7', 'x-test': '1' } })
    expect(await first.nextEvent()).toMatchObject({ id: '8' })
    await using second = await first.reconnect()
    expect(await second.nextEvent()).toMatchObject({ id: '9' })
  })

  it('sends the header again that was given when no event had an id', async () => {
    const handler = (request: Request) =>
      eventStreamResponse(`data: ${request.headers.get('last-event-id')}\n\n`)
    const first = await connect(handler, { headers: { 'Last-Event-ID': '7' } })
    expect((await (await first.reconnect()).nextEvent()).data).toBe('7')
  })

  it('sends the id of the request again when no event had one', async () => {
    const handler = (request: Request) =>
      eventStreamResponse(`data: ${request.headers.get('last-event-id')}\n\n`)
    const first = await connect(handler, { lastEventId: '7' })
    const second = await first.reconnect()
    expect((await second.nextEvent()).data).toBe('7')
  })
})

describe('lastEventId', () => {
  it('is that of the last event taken, whatever has come', async () => {
    const connection = await connect(() =>
      eventStreamResponse('id: 1\ndata: a\n\nid: 2\ndata: b\n\n'),
    )
    await connection.ended()
    expect(connection.lastEventId).toBe('')
    await connection.nextEvent()
    expect(connection.lastEventId).toBe('1')
    await connection.nextEvent()
    expect(connection.lastEventId).toBe('2')
  })
})
