import { describe, expect, it } from 'vitest'
import { defer, openStream, rejection } from '../../test/support.ts'
import { serve } from '../serve.ts'
import { abortBeforeHandler } from './abort-before-handler.ts'
import { pipelineRequests } from './pipeline-requests.ts'

describe('abortBeforeHandler', () => {
  it('makes the handler run for a client that is gone', async () => {
    const order: string[] = []
    const noticed = defer()
    await using app = await serve((_req, res) => {
      order.push('handler')
      res.on('close', () => {
        order.push('close')
        noticed.resolve()
      })
    })
    const aborted = abortBeforeHandler(app.url).then(() => order.push('client gone'))
    await Promise.all([aborted, noticed.promise])
    expect(order.indexOf('close')).toBeGreaterThan(order.indexOf('handler'))
    expect(order).toHaveLength(3)
  })

  it('sends the whole body', async () => {
    const body = defer<string>()
    await using app = await serve((req) => {
      let text = ''
      req.on('data', (chunk: Buffer) => {
        text += chunk.toString()
      })
      req.on('end', () => body.resolve(`${req.method} ${text}`))
    })
    await abortBeforeHandler(app.url, { body: { question: 'Hello?' } })
    expect(await body.promise).toBe('POST {"question":"Hello?"}')
  })
})

describe('pipelineRequests', () => {
  it('sends all requests at once and gets the responses in order', async () => {
    const both = defer()
    const urls: (string | undefined)[] = []
    await using app = await serve(async (req, res) => {
      urls.push(req.url)
      if (urls.length === 2) both.resolve()
      await both.promise
      openStream(res).end(`data: ${req.url}\n\n`)
    })
    await using connection = await pipelineRequests(app.url, [{ path: '/a' }, { path: '/b' }])
    const text = await connection.waitFor((received) => received.includes('data: /b'))
    expect(urls).toEqual(['/a', '/b'])
    expect(text.match(/HTTP\/1\.1 200/g)).toHaveLength(2)
    expect(text.indexOf('data: /a')).toBeLessThan(text.indexOf('data: /b'))
  })

  it('keeps the second response back while the first is open', async () => {
    const second = defer()
    await using app = await serve((req, res) => {
      openStream(res).write(`data: ${req.url}\n\n`)
      if (req.url === '/b') second.resolve()
    })
    await using connection = await pipelineRequests(app.url, [{ path: '/a' }, { path: '/b' }])
    await second.promise
    const text = await connection.waitFor((received) => received.includes('data: /a'))
    expect(text).not.toContain('data: /b')
  })

  it('refuses to send nothing', async () => {
    const error = await rejection(pipelineRequests('http://localhost/', []))
    expect(error.code).toBe('ERR_SSE_TEST_OPTION')
  })
})
