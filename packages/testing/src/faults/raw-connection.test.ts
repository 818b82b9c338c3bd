import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, createServer as createSocketServer, type Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { defer, openStream, rejection } from '../../test/support.ts'
import { serve } from '../serve.ts'
import { openRawRequest } from './raw-connection.ts'
import { encodeRawRequest } from './raw-request.ts'

describe('encodeRawRequest', () => {
  it('writes the request out', async () => {
    const { hostname, port, bytes } = await encodeRawRequest('http://127.0.0.1:8080/chat?a=1', {
      body: { a: 'ä' },
      lastEventId: 'é',
    })
    expect([hostname, port]).toEqual(['127.0.0.1', 8080])
    expect(Buffer.from(bytes).toString('utf8')).toBe(
      'POST /chat?a=1 HTTP/1.1\r\n' +
        'accept: text/event-stream\r\n' +
        'content-length: 10\r\n' +
        'content-type: application/json\r\n' +
        'host: 127.0.0.1:8080\r\n' +
        'last-event-id: é\r\n' +
        '\r\n' +
        '{"a":"ä"}',
    )
  })

  it('writes given headers verbatim, instead of those made here', async () => {
    const { bytes } = await encodeRawRequest('http://[::1]/', {
      headers: [
        ['Host', 'a'],
        ['Last-Event-ID', '1'],
        ['Last-Event-ID', '2'],
        ['bad name', 'x\u0000'],
        ['Accept', '*/*'],
      ],
    })
    expect(Buffer.from(bytes).toString('utf8')).toBe(
      'GET / HTTP/1.1\r\nHost: a\r\nLast-Event-ID: 1\r\nLast-Event-ID: 2\r\n' +
        'bad name: x\u0000\r\nAccept: */*\r\n\r\n',
    )
  })

  it('refuses TLS', async () => {
    await expect(encodeRawRequest('https://localhost/', {})).rejects.toMatchObject({
      code: 'ERR_SSE_TEST_OPTION',
    })
  })
})

describe('openRawRequest', () => {
  it('shows what is on the wire', async () => {
    await using app = await serve((_req, res) => void openStream(res).write('data: ä\n\n'))
    await using connection = await openRawRequest(app.url)
    const { status, headers } = await connection.head()
    expect(status).toBe(200)
    expect(headers.get('content-type')).toBe('text/event-stream')
    const text = await connection.waitFor((received) => received.includes('data'))
    expect(text).toContain('\r\n\r\na\r\ndata: ä\n\n\r\n')
    expect(connection.bytesRead).toBe(Buffer.byteLength(text))
  })

  it('is closed by the server after a request of HTTP/1.0', async () => {
    const version = defer<string>()
    await using app = await serve((req, res) => {
      version.resolve(req.httpVersion)
      openStream(res).end('data: a\n\n')
    })
    await using connection = await openRawRequest(app.url, { httpVersion: '1.0' })
    expect(await connection.ended()).toBe('ended')
    expect(await version.promise).toBe('1.0')
    expect(connection.text).not.toContain('chunked')
    expect(connection.text).toMatch(/\r\n\r\ndata: a\n\n$/)
  })

  it('says why it has not ended when the response has and the connection is kept', async () => {
    await using app = await serve((_req, res) => void openStream(res).end('data: a\n\n'))
    await using kept = await openRawRequest(app.url)
    await kept.waitFor((text) => text.endsWith('\r\n0\r\n\r\n'))
    const error = await rejection(kept.ended({ timeoutMs: 10 }))
    expect(error.message).toContain(
      '`ended()` timed out after 10 ms: the response is complete, but it waits for the connection to close. Use `waitFor()` for the response, or send `Connection: close`; ',
    )
    await using closed = await openRawRequest(app.url, { headers: { Connection: 'close' } })
    expect(await closed.ended()).toBe('ended')
  })

  it('says nothing of that when the response goes on', async () => {
    await using app = await serve((_req, res) => void openStream(res).write('data: a\n\n'))
    await using connection = await openRawRequest(app.url)
    await connection.waitFor((text) => text.includes('data: a'))
    expect((await rejection(connection.ended({ timeoutMs: 10 }))).message).toContain(
      '`ended()` timed out after 10 ms; ',
    )
  })

  it('rejects when nothing listens', async () => {
    const app = await serve(createServer())
    await app.close()
    expect((await rejection(openRawRequest(app.url))).code).toBe('ERR_SSE_TEST_NO_RESPONSE')
  })

  it('rejects when the server does not read the request in time', async () => {
    const server = createSocketServer({ pauseOnConnect: true }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const url = `http://127.0.0.1:${port}`
    const body = new Uint8Array(64 * 1_048_576)
    const error = await rejection(openRawRequest(url, { body, timeoutMs: 200 }))
    expect(error.code).toBe('ERR_SSE_TEST_TIMEOUT')
    expect(error.message).toMatch(/^`write\(\)` timed out after 200 ms; 0 bytes read/)
    server.close()
  })

  it('gives every wait the time that was asked for', async () => {
    await using app = await serve(() => {})
    await using connection = await openRawRequest(app.url, { timeoutMs: 20 })
    for (const wait of [connection.head(), connection.ended(), connection.waitFor(() => false)]) {
      expect((await rejection(wait)).message).toContain('timed out after 20 ms')
    }
  })

  it('refuses options that mean nothing', async () => {
    const refused = async (options: object) =>
      (await rejection(openRawRequest(url, options))).message
    const url = 'http://127.0.0.1:1/'
    expect(await refused({ httpVersion: '2' })).toBe(
      "`httpVersion` must be '1.0' or '1.1', got '2'",
    )
    expect(await refused({ timeoutMs: '5' })).toContain('`timeoutMs` must be a non-negative number')
    expect((await rejection(openRawRequest('https://localhost/'))).message).toContain('below TLS')
    expect((await rejection(openRawRequest('localhost'))).code).toBe('ERR_SSE_TEST_TARGET')
  })

  it('tells what came when a wait is in vain', async () => {
    await using app = await serve((_req, res) => void openStream(res).write('data: a\n\n'))
    await using connection = await openRawRequest(app.url)
    await connection.waitFor((text) => text.includes('data: a'))
    const timeout = await rejection(connection.waitFor(() => false, { timeoutMs: 10 }))
    expect(timeout.code).toBe('ERR_SSE_TEST_TIMEOUT')
    expect(timeout.message).toMatch(
      /^`waitFor\(\)` timed out after 10 ms; \d+ bytes read, the last/,
    )
    expect(timeout.message).toContain('data: a')
    await app.close()
    const ended = await rejection(connection.waitFor(() => false))
    expect(ended.code).toBe('ERR_SSE_TEST_ENDED')
  })
})

describe('a raw connection', () => {
  /** A TCP server that is no HTTP server, so that it reports what sockets do and nothing else. */
  async function observe(): Promise<{
    url: string
    seen: (name: 'end' | 'error' | 'close') => Promise<unknown>
    socket: Promise<Socket>
    close: () => void
  }> {
    const accepted = defer<Socket>()
    const ends = { end: defer<unknown>(), error: defer<unknown>(), close: defer<unknown>() }
    const server = createSocketServer({ allowHalfOpen: true }, (socket) => {
      socket.on('end', () => ends.end.resolve('end'))
      socket.on('error', ends.error.resolve)
      socket.on('close', ends.close.resolve)
      socket.once('data', () => accepted.resolve(socket))
    })
    const listening = defer()
    server.listen(0, '127.0.0.1', listening.resolve)
    await listening.promise
    const address = server.address()
    const port = typeof address === 'object' ? address?.port : undefined
    return {
      url: `http://127.0.0.1:${port}`,
      seen: (name) => ends[name].promise,
      socket: accepted.promise,
      close: () => server.close(),
    }
  }

  it('sends a FIN at halfClose and goes on reading', async () => {
    const peer = await observe()
    await using connection = await openRawRequest(peer.url)
    const socket = await peer.socket
    await connection.halfClose()
    await peer.seen('end')
    socket.write('data: still here\n\n')
    await connection.waitFor((text) => text.includes('still here'))
    socket.end()
    expect(await connection.ended()).toBe('ended')
    peer.close()
  })

  it('sends a RST at reset', async () => {
    const peer = await observe()
    const connection = await openRawRequest(peer.url)
    await peer.socket
    await connection.reset()
    expect(await peer.seen('error')).toMatchObject({ code: 'ECONNRESET' })
    expect(await connection.ended()).toBe('closed')
    peer.close()
  })

  it('sends a FIN at close', async () => {
    const peer = await observe()
    const connection = await openRawRequest(peer.url)
    const socket = await peer.socket
    await Promise.all([connection.close(), connection.close()])
    await peer.seen('end')
    socket.end()
    expect(await peer.seen('close')).toBe(false)
    peer.close()
  })

  it('notices a reset by the peer', async () => {
    const peer = await observe()
    await using connection = await openRawRequest(peer.url)
    const socket = await peer.socket
    socket.resetAndDestroy()
    expect(await connection.ended()).toBe('reset')
    peer.close()
  })

  it('ends the response of a node:http server at halfClose', async () => {
    const closed = defer<boolean>()
    await using app = await serve((_req, res) => {
      openStream(res).on('close', () => closed.resolve(res.writableFinished))
    })
    await using connection = await openRawRequest(app.url)
    await connection.head()
    await connection.halfClose()
    expect(await closed.promise).toBe(false)
  })
})
