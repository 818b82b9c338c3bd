import { once } from 'node:events'
import { createServer } from 'node:http'
import { createSecureServer } from 'node:http2'
import { createServer as createHttpsServer } from 'node:https'
import { connect as connectSocket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { makeCertificate } from '../test/certificate.ts'
import { eventStreamResponse, openStream, rejection } from '../test/support.ts'
import { connect } from './client/connect.ts'
import type { NodeListener, NodeTarget } from './client/target.ts'
import { serve } from './serve.ts'

const hello: NodeListener = (_req, res) => void openStream(res).end('data: hello\n\n')

describe('serve', () => {
  it('listens on a free port of 127.0.0.1', async () => {
    await using app = await serve(hello)
    expect(app.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
    await using connection = await connect(app.url)
    expect((await connection.nextEvent()).data).toBe('hello')
  })

  it('serves an app with a callback, as Koa apps have', async () => {
    await using app = await serve({ callback: () => hello })
    expect(await (await connect(app.url)).take(1)).toHaveLength(1)
  })

  it('serves HTTP/2', async () => {
    await using app = await serve(hello, { http2: true })
    expect(await (await connect(app.url, { http2: true })).take(1)).toHaveLength(1)
  })

  it('starts a server that is given', async () => {
    const server = createServer(hello)
    const app = await serve(server)
    expect(server.listening).toBe(true)
    await app.close()
    expect(server.listening).toBe(false)
  })

  it('closes open event streams, idle connections and those that sent nothing', async () => {
    const app = await serve((_req, res) => void openStream(res).write('data: a\n\n'))
    const connection = await connect(app.url)
    await connection.nextEvent()
    const { hostname, port } = new URL(app.url)
    const silent = connectSocket(Number(port), hostname)
    await once(silent, 'connect')
    silent.resume()
    const dropped = once(silent, 'close')
    await Promise.all([app.close(), app.close()])
    await dropped
    expect(await connection.ended()).toBe('cut')
    expect((await rejection(connect(app.url))).code).toBe('ERR_SSE_TEST_NO_RESPONSE')
  })

  it('rejects when the server cannot listen', async () => {
    const server = createServer(hello)
    await using app = await serve(server)
    await expect(serve(server), app.url).rejects.toMatchObject({
      code: 'ERR_SERVER_ALREADY_LISTEN',
    })
  })

  it('refuses what does not run on a Node server', async () => {
    const app = { fetch: () => eventStreamResponse('') } as unknown as NodeTarget
    expect((await rejection(serve(app))).code).toBe('ERR_SSE_TEST_TARGET')
  })
})

describe('serve and connect over TLS', () => {
  const { key, cert } = makeCertificate()

  it('work over HTTP/1.1 with the certificate of the server', async () => {
    await using app = await serve(createHttpsServer({ key, cert }, hello))
    expect(app.url).toMatch(/^https:/)
    await using connection = await connect(app.url, { ca: cert })
    expect(await connection.take(1)).toHaveLength(1)
  })

  it('work over HTTP/2 with the certificate of the server', async () => {
    const server = createSecureServer({ key, cert }, hello as never)
    await using connection = await connect(server, { ca: cert })
    expect(await connection.take(1)).toHaveLength(1)
  })

  it('fail without it', async () => {
    const error = await rejection(connect(createHttpsServer({ key, cert }, hello)))
    expect(error.message).toContain('self-signed certificate')
  })
})
