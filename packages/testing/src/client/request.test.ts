import { describe, expect, it } from 'vitest'
import { rejection, streamOf } from '../../test/support.ts'
import { createRequest, type RequestOptions } from './request.ts'

const create = (options: RequestOptions) => createRequest('http://localhost/base', options)

async function sent(options: RequestOptions): Promise<[string, string | null, string | undefined]> {
  const { method, headers, body } = await create(options)
  return [method, headers.get('content-type'), body && new TextDecoder().decode(body)]
}

describe('createRequest', () => {
  it('asks for an event stream', async () => {
    const { method, headers, body } = await create({})
    expect(method).toBe('GET')
    expect([...headers]).toEqual([['accept', 'text/event-stream']])
    expect(body).toBeUndefined()
  })

  it('posts objects as JSON', async () => {
    expect(await sent({ body: { a: [1] } })).toEqual(['POST', 'application/json', '{"a":[1]}'])
  })

  it('posts other JSON values as JSON', async () => {
    expect(await sent({ body: [1, null] })).toEqual(['POST', 'application/json', '[1,null]'])
    expect(await sent({ body: false })).toEqual(['POST', 'application/json', 'false'])
  })

  it('posts text as text', async () => {
    expect(await sent({ body: 'hi' })).toEqual(['POST', 'text/plain;charset=UTF-8', 'hi'])
  })

  it('posts bytes verbatim', async () => {
    expect(await sent({ body: new Uint8Array([104, 105]) })).toEqual(['POST', null, 'hi'])
  })

  it('posts forms with their own content type', async () => {
    expect(await sent({ body: new URLSearchParams({ a: 'b c' }) })).toEqual([
      'POST',
      'application/x-www-form-urlencoded;charset=UTF-8',
      'a=b+c',
    ])
  })

  it('announces the length of the body', async () => {
    expect((await create({ body: 'ä' })).headers.get('content-length')).toBe('2')
  })

  it('keeps the method that was asked for', async () => {
    expect((await create({ method: 'put', body: {} })).method).toBe('PUT')
    expect((await create({ method: 'HEAD' })).method).toBe('HEAD')
  })

  it('lets the headers of the test win', async () => {
    const { headers } = await create({ headers: { Accept: '*/*', 'x-test': '1' } })
    expect([...headers]).toEqual([
      ['accept', '*/*'],
      ['x-test', '1'],
    ])
  })

  it('resolves the path against the URL', async () => {
    expect((await create({})).url.href).toBe('http://localhost/base')
    expect((await create({ path: '/jobs/7?from=2' })).url.href).toBe(
      'http://localhost/jobs/7?from=2',
    )
  })

  it('posts a stream once it has ended', async () => {
    expect(await sent({ body: streamOf(['h', 'i']) })).toEqual(['POST', null, 'hi'])
  })

  it('refuses a URL that leads to no server', async () => {
    for (const base of ['/chat', 'ftp://localhost/', '']) {
      const error = await rejection(createRequest(base, {}))
      expect(error.code).toBe('ERR_SSE_TEST_TARGET')
      expect(error.message).toBe(
        `the URL must be absolute, with http: or https:, got '${base}'; to test an app, give the ` +
          'app, and its route as `path`',
      )
    }
  })

  it('refuses a path that leads to another server', async () => {
    for (const path of ['http://other/', '//other/chat', 'http://[']) {
      expect((await rejection(create({ path }))).message).toBe(
        `\`path\` must be a path on http://localhost, got '${path}'`,
      )
    }
  })

  it('refuses a method that is none', async () => {
    const { code, message } = await rejection(create({ method: 'GET /' }))
    expect(code).toBe('ERR_SSE_TEST_OPTION')
    expect(message).toBe("`method` must be an HTTP method, got 'GET /'")
  })

  it('refuses headers and last event IDs that HTTP does not allow', async () => {
    const { message } = await rejection(create({ headers: { 'bad name': 'x' } }))
    expect(message).toMatch(/^`headers` must be names and values that HTTP allows: .*bad name/)
    expect((await rejection(create({ lastEventId: 'a\nb' }))).message).toMatch(
      /^`lastEventId` must be a string without line ends and NUL: /,
    )
  })

  it('refuses a body that JSON cannot hold', async () => {
    const rule = '`body` must be text, bytes, a form or a value that JSON can hold'
    expect((await rejection(create({ body: 1n }))).message).toMatch(`${rule}: Do not know how`)
    expect((await rejection(create({ body: Symbol('s') }))).message).toBe(`${rule}, got Symbol(s)`)
  })

  it('sends no last event ID that is empty', async () => {
    expect((await create({ lastEventId: '' })).headers.has('last-event-id')).toBe(false)
  })

  it('sends the last event ID as UTF-8 bytes', async () => {
    const value = (await create({ lastEventId: 'ä€' })).headers.get('last-event-id') ?? ''
    expect(Buffer.from(value, 'latin1').toString('utf8')).toBe('ä€')
  })
})
