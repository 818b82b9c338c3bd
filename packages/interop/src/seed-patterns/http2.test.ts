import { connect, openHttp2Session, serve } from '@sse/testing'
import { expect, it } from 'vitest'
import { createHttp2App } from './http2.ts'

it('carries a hundred streams over one connection', async () => {
  await using server = await serve(createHttp2App())
  await using session = await openHttp2Session(server.url)
  const paths = Array.from({ length: 100 }, (_, index) => `/stream/${index}`)
  const streams = await Promise.all(paths.map((path) => session.request({ path })))
  await Promise.all(
    streams.map((stream, index) =>
      stream.waitFor((text) => text.includes(`data: {"i":0,"path":"${paths[index]}"}\n\n`)),
    ),
  )
  expect(streams).toHaveLength(100)
})

it('sends no header that HTTP/2 forbids', async () => {
  await using stream = await connect(createHttp2App())
  await stream.nextEvent()
  const { headers } = stream.response
  expect(headers.get('content-type')).toBe('text/event-stream')
  expect([headers.get('connection'), headers.get('transfer-encoding')]).toEqual([null, null])
})
