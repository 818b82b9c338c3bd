import { getEventListeners } from 'node:events'
import { afterEach, describe, expect, it } from 'vitest'
import { defer, eventStreamResponse, openStream, rejection } from '../../test/support.ts'
import { nextTurn, now } from '../clock.ts'
import { serve } from '../serve.ts'
import { connect } from './connect.ts'
import type { NodeListener } from './target.ts'

/** Sockets and servers that are open in this process. */
const openHandles = () => process.getActiveResourcesInfo().filter((kind) => kind.startsWith('TCP'))

/** Waits until a list is empty, and tells what is left in it if it does not become so. */
async function emptied<T>(list: () => T[]): Promise<T[]> {
  const deadlineMs = now() + 2_000
  while (list().length > 0 && now() < deadlineMs) await nextTurn()
  return list()
}

const endless: NodeListener = (_req, res) => void openStream(res).write('data: a\n\n')
const hello: NodeListener = (_req, res) => void openStream(res).end('data: a\n\n')
const silent: NodeListener = (_req, res) => void res.setTimeout(0)
const rude: NodeListener = (_req, res) => void res.destroy()

describe.each([
  { http2: false, protocol: 'HTTP/1.1' },
  { http2: true, protocol: 'HTTP/2' },
])('over $protocol, sockets and servers', ({ http2 }) => {
  afterEach(async () => expect(await emptied(openHandles)).toEqual([]))

  it('are gone when a connection is closed while somebody waits', async () => {
    const connection = await connect(endless, { http2 })
    await connection.nextEvent()
    const waiting = rejection(connection.nextEvent())
    await connection.close()
    await waiting
  })

  it('are gone when the response has ended, without a call of close', async () => {
    const connection = await connect(hello, { http2 })
    expect(await connection.all()).toHaveLength(1)
    expect(await emptied(openHandles)).toEqual([])
    expect(await connection.ended()).toBe('completed')
  })

  it('are gone when a response has ended whose server runs on', async () => {
    await using app = await serve(hello, { http2 })
    await (await connect(app.url, { http2 })).all()
    expect(await emptied(() => openHandles().filter((kind) => kind !== 'TCPServerWrap'))).toEqual(
      [],
    )
  })

  it('are gone when the response was cut', async () => {
    await using app = await serve(endless, { http2 })
    const connection = await connect(app.url, { http2 })
    await app.close()
    expect(await connection.ended()).toBe('cut')
  })

  it('are gone when the server drops the connection', async () => {
    await rejection(connect(rude, { http2 }))
  })

  it('are gone when no head comes in time', async () => {
    await rejection(connect(silent, { http2, timeoutMs: 20 }))
  })

  it('are gone when the request cannot be made', async () => {
    const error = await rejection(connect(endless, { http2, path: 'http://elsewhere/' }))
    expect(error.code).toBe('ERR_SSE_TEST_OPTION')
  })
})

describe('a connection', () => {
  it('leaves no HTTP/2 session when the request has a header that HTTP/2 forbids', async () => {
    const app = await serve(endless, { http2: true })
    await rejection(connect(app.url, { http2: true, headers: { connection: 'close' } }))
    await app.close()
    expect(await emptied(openHandles)).toEqual([])
  })

  it('leaves no listener on the signal it was given', async () => {
    const { signal } = new AbortController()
    const listeners = () => getEventListeners(signal, 'abort')
    const closed = await connect(endless, { signal })
    expect(listeners()).toHaveLength(1)
    await closed.close()
    expect(listeners()).toEqual([])
    await using app = await serve(hello)
    for (const target of [hello, app.url, () => eventStreamResponse('data: a\n\n')]) {
      const completed = await connect(target, { signal })
      await completed.ended()
      expect(await emptied(listeners)).toEqual([])
    }
    await rejection(connect(rude, { signal }))
    expect(listeners()).toEqual([])
  })

  it('does not abort a fetch request whose response is complete', async () => {
    const requests: Request[] = []
    const connection = await connect((request: Request) => {
      requests.push(request)
      return eventStreamResponse('data: a\n\n')
    })
    await connection.all()
    await connection.close()
    expect(requests.map(({ signal }) => signal.aborted)).toEqual([false])
  })

  it('leaves no rejection unhandled when it breaks while nobody waits', async () => {
    const unhandled: unknown[] = []
    const listen = (reason: unknown) => void unhandled.push(reason)
    process.on('unhandledRejection', listen)
    const started = defer<ReadableStreamDefaultController>()
    const body = new ReadableStream({ start: started.resolve })
    const connection = await connect(() => eventStreamResponse(body))
    const controller = await started.promise
    controller.error(new Error('broken'))
    await nextTurn()
    expect(await connection.ended({ timeoutMs: 0 })).toBe('cut')
    process.removeListener('unhandledRejection', listen)
    expect(unhandled).toEqual([])
  })
})
