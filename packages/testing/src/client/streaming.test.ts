import { createServer } from 'node:http'
import { createServer as createHttp2Server } from 'node:http2'
import { describe, expect, it } from 'vitest'
import { defer, eventStreamResponse, openStream } from '../../test/support.ts'
import { serve } from '../serve.ts'
import { type ConnectOptions, connect } from './connect.ts'
import type { ConnectTarget, NodeListener } from './target.ts'

/** The same source behind every kind of target: the second event waits until it is released. */
function createGate() {
  const gate = defer()
  const listener: NodeListener = async (_req, res) => {
    openStream(res).write('data: one\n\n')
    await gate.promise
    res.end('data: two\n\n')
  }
  const fetch = () => {
    const encoder = new TextEncoder()
    const chunks = (async function* () {
      yield encoder.encode('data: one\n\n')
      await gate.promise
      yield encoder.encode('data: two\n\n')
    })()
    return eventStreamResponse(
      new ReadableStream({
        async pull(controller) {
          const { done, value } = await chunks.next()
          if (done) controller.close()
          else controller.enqueue(value)
        },
      }),
    )
  }
  return { listener, fetch, release: gate.resolve }
}

async function expectStreaming(
  target: ConnectTarget,
  release: () => void,
  options?: ConnectOptions,
): Promise<void> {
  await using connection = await connect(target, options)
  const first = await connection.nextEvent()
  expect(first.data).toBe('one')
  expect(connection.received).toHaveLength(1)
  release()
  expect((await connection.nextEvent()).data).toBe('two')
  expect(await connection.ended()).toBe('completed')
}

describe('connect hands over the first event before the source makes the second', () => {
  it('from a URL', async () => {
    const { listener, release } = createGate()
    await using app = await serve(listener)
    await expectStreaming(app.url, release)
  })

  it('from a URL over HTTP/2', async () => {
    const { listener, release } = createGate()
    await using app = await serve(listener, { http2: true })
    await expectStreaming(new URL(app.url), release, { http2: true })
  })

  it('from a request listener', async () => {
    const { listener, release } = createGate()
    await expectStreaming(listener, release)
  })

  it('from a request listener over HTTP/2', async () => {
    const { listener, release } = createGate()
    await expectStreaming(listener, release, { http2: true })
  })

  it('from a server that does not listen yet', async () => {
    const { listener, release } = createGate()
    await expectStreaming(createServer(listener), release)
  })

  it('from an HTTP/2 server, whose protocol it makes out', async () => {
    const { listener, release } = createGate()
    await expectStreaming(createHttp2Server(listener as never), release)
  })

  it('from a fetch handler', async () => {
    const { fetch, release } = createGate()
    await expectStreaming(fetch, release)
  })

  it('from an app with a fetch method', async () => {
    const { fetch, release } = createGate()
    await expectStreaming({ fetch }, release)
  })
})
