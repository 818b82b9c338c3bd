import { describe, expect, it } from 'vitest'
import { eventStreamResponse, rejection } from '../../test/support.ts'
import { abortBeforeHandler } from '../faults/abort-before-handler.ts'
import { frozenReader } from '../faults/frozen-reader.ts'
import { openHttp2Session } from '../faults/http2-session.ts'
import { pipelineRequests } from '../faults/pipeline-requests.ts'
import { openRawRequest } from '../faults/raw-connection.ts'
import { slowReader } from '../faults/slow-reader.ts'
import { serve } from '../serve.ts'
import { connect } from './connect.ts'

const URL_OF_NO_SERVER = 'http://127.0.0.1:9'

const silent = () => eventStreamResponse(new ReadableStream())

// As JavaScript, which checks no types, would pass it.
const untyped = (options: unknown) => options as never

async function refusal(call: Promise<unknown>): Promise<string> {
  const { code, message } = await rejection(call)
  expect(code).toBe('ERR_SSE_TEST_OPTION')
  return message
}

describe('connect', () => {
  it('refuses a path in the place of the options, and shows where it goes', async () => {
    expect(await refusal(connect(silent, untyped('/chat')))).toBe(
      "`options` must be an object, such as { path: '/chat' }, got '/chat'",
    )
  })

  it('refuses anything else in the place of the options', async () => {
    expect(await refusal(connect(silent, untyped(50)))).toBe(
      '`options` must be an object, such as { timeoutMs: 50 }, got 50',
    )
    expect(await refusal(connect(silent, untyped(null)))).toBe(
      '`options` must be an object, got null',
    )
    expect(await refusal(connect(silent, untyped([])))).toBe('`options` must be an object, got []')
  })

  it('refuses an option that it does not have, and names those it has', async () => {
    expect(await refusal(connect(silent, untyped({ paht: '/chat' })))).toBe(
      '`paht` is no option of `connect()`, which takes path, method, headers, body, lastEventId, ' +
        "timeoutMs, signal, http2, ca, readAheadBytes, got '/chat'",
    )
    expect(await refusal(connect(silent, untyped({ toString: 1 })))).toMatch(/^`toString` is no/)
  })

  it('takes every option that it has, also when it is undefined', async () => {
    const options = {
      path: '/chat',
      method: 'POST',
      headers: { 'x-test': '1' },
      body: 'a',
      lastEventId: '7',
      timeoutMs: 1_000,
      signal: undefined,
      http2: false,
      ca: undefined,
      readAheadBytes: 0,
    }
    await using connection = await connect(silent, options)
    expect(connection.response.status).toBe(200)
  })
})

describe('a waiting method', () => {
  it('refuses a number in the place of the options', async () => {
    await using connection = await connect(silent)
    const rule = '`options` must be an object, such as { timeoutMs: 50 }, got 50'
    expect(await refusal(connection.until('done', untyped(50)))).toBe(rule)
    expect(await refusal(connection.nextEvent(untyped(50)))).toBe(rule)
  })

  it('refuses an option that it does not have', async () => {
    await using connection = await connect(silent)
    const rule = '`timeout` is no option of a waiting method, which takes timeoutMs, got 50'
    const options = untyped({ timeout: 50 })
    const calls = [
      connection.nextEvent(options),
      connection.take(1, options),
      connection.until('done', options),
      connection.all(options),
      connection.waitFor(() => false, options),
      connection.ended(options),
      connection.response.text(options),
      connection.events(options)[Symbol.asyncIterator]().next(),
    ]
    expect(await Promise.all(calls.map(refusal))).toEqual(calls.map(() => rule))
  })
})

describe('a fault tool', () => {
  it('refuses a path in the place of the options', async () => {
    const path = untyped('/chat')
    const calls = [
      openRawRequest(URL_OF_NO_SERVER, path),
      frozenReader(URL_OF_NO_SERVER, path),
      slowReader(URL_OF_NO_SERVER, path),
      abortBeforeHandler(URL_OF_NO_SERVER, path),
      pipelineRequests(URL_OF_NO_SERVER, [path]),
    ]
    const rule = "`options` must be an object, such as { path: '/chat' }, got '/chat'"
    expect(await Promise.all(calls.map(refusal))).toEqual(calls.map(() => rule))
    expect(await refusal(pipelineRequests(URL_OF_NO_SERVER, path))).toBe(
      "`requests` must be a list of at least one request, got '/chat'",
    )
    expect(await refusal(slowReader(URL_OF_NO_SERVER, untyped(undefined)))).toBe(
      '`options` must be an object, got undefined',
    )
  })

  it('refuses an option that it does not have', async () => {
    const options = untyped({ paht: '/chat' })
    const calls = {
      openRawRequest: openRawRequest(URL_OF_NO_SERVER, options),
      frozenReader: frozenReader(URL_OF_NO_SERVER, options),
      slowReader: slowReader(URL_OF_NO_SERVER, options),
      abortBeforeHandler: abortBeforeHandler(URL_OF_NO_SERVER, options),
      pipelineRequests: pipelineRequests(URL_OF_NO_SERVER, [options]),
      openHttp2Session: openHttp2Session(URL_OF_NO_SERVER, options),
      serve: serve(() => {}, options),
    }
    for (const [tool, call] of Object.entries(calls)) {
      expect(await refusal(call)).toContain(`\`paht\` is no option of \`${tool}()\`, which takes `)
    }
  })

  it('refuses it on a stream of an HTTP/2 session', async () => {
    await using app = await serve(() => {}, { http2: true })
    await using session = await openHttp2Session(app.url)
    expect(await refusal(session.request(untyped({ url: '/chat' })))).toContain(
      '`url` is no option of `request()`, which takes path, ',
    )
    expect(await refusal(session.request(untyped('/chat')))).toContain("{ path: '/chat' }")
  })
})
