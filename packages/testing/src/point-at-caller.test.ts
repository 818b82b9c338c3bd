import { describe, expect, it } from 'vitest'
import { eventStreamResponse, openStream, rejection, streamOf } from '../test/support.ts'
import { connect } from './client/connect.ts'
import { abortBeforeHandler } from './faults/abort-before-handler.ts'
import { frozenReader } from './faults/frozen-reader.ts'
import { openHttp2Session } from './faults/http2-session.ts'
import { pipelineRequests } from './faults/pipeline-requests.ts'
import { openRawRequest } from './faults/raw-connection.ts'
import { slowReader } from './faults/slow-reader.ts'
import { serve } from './serve.ts'

const HERE = 'point-at-caller.test.ts'
const SOON = { timeoutMs: 10 }
const NOWHERE = 'http://127.0.0.1:9'

const silent = () => eventStreamResponse(new ReadableStream())

/** The file of the first frame of the error that `call` rejects with, or the frame as it is. */
async function firstFile(call: Promise<unknown>): Promise<string> {
  const { stack = '', message } = await rejection(call)
  expect(stack.startsWith(`SseTestError: ${message}\n`)).toBe(true)
  const frame = stack.slice(stack.indexOf('\n    at ')).split('\n')[1] ?? 'no frame'
  return frame.includes(HERE) ? HERE : frame
}

async function everyFirstFile(calls: Record<string, Promise<unknown>>): Promise<unknown> {
  const files = Object.entries(calls).map(async ([name, call]) => [name, await firstFile(call)])
  return Object.fromEntries(await Promise.all(files))
}

const allHere = (calls: object) =>
  Object.fromEntries(Object.keys(calls).map((name) => [name, HERE]))

describe('the stack of an SseTestError', () => {
  it('begins in the test, for each method that times out', async () => {
    await using connection = await connect(silent)
    const calls = {
      nextEvent: connection.nextEvent(SOON),
      take: connection.take(1, SOON),
      until: connection.until('done', SOON),
      untilMatch: connection.until(() => true, SOON),
      all: connection.all(SOON),
      waitFor: connection.waitFor(() => false, SOON),
      ended: connection.ended(SOON),
      text: connection.response.text(SOON),
      json: connection.response.json(SOON),
    }
    expect(await everyFirstFile(calls)).toEqual(allHere(calls))
  })

  it('begins in the test when the event stream ends or breaks before', async () => {
    await using ended = await connect(() => eventStreamResponse(''))
    const broken = new ReadableStream({ pull: (body) => body.error(new Error('broken')) })
    await using cut = await connect(() => eventStreamResponse(broken))
    await using refused = await connect(() => new Response('no', { status: 503 }))
    const calls = {
      ended: ended.until('done'),
      cut: cut.take(1),
      notAnEventStream: refused.nextEvent(),
    }
    expect(await everyFirstFile(calls)).toEqual(allHere(calls))
  })

  it('begins in the loop of `for await`', async () => {
    const endless = new ReadableStream({
      start: (body) => body.enqueue(new TextEncoder().encode('data: a\n\n')),
    })
    await using connection = await connect(() => eventStreamResponse(endless))
    const seen: string[] = []
    async function readAll() {
      for await (const { data } of connection.events(SOON)) seen.push(data)
    }
    const { stack } = await rejection(readAll())
    expect(seen).toEqual(['a'])
    expect(stack).toMatch(/\n {4}at readAll .*point-at-caller\.test\.ts.*\n/)
  })

  it('begins in the test when no connection comes about', async () => {
    const calls = {
      connect: connect(NOWHERE),
      connectInTime: connect(() => new Promise(() => {}), SOON),
      badOption: connect(silent, { timeoutMs: -1 }),
      openRawRequest: openRawRequest(NOWHERE),
      frozenReader: frozenReader(NOWHERE),
      slowReader: slowReader(NOWHERE, { bytesPerSecond: 1 }),
      abortBeforeHandler: abortBeforeHandler(NOWHERE),
      pipelineRequests: pipelineRequests(NOWHERE, [{}]),
      openHttp2Session: openHttp2Session(NOWHERE),
      serve: serve({} as never),
    }
    expect(await everyFirstFile(calls)).toEqual(allHere(calls))
  })

  it('begins in the test when the target is gone at a reconnect', async () => {
    const app = await serve((_req, res) => void openStream(res).end())
    const connection = await connect(app.url)
    await app.close()
    expect(await firstFile(connection.reconnect())).toBe(HERE)
  })

  it('begins in the test for what a raw connection waits for', async () => {
    await using app = await serve(() => {})
    await using connection = await openRawRequest(app.url)
    const calls = {
      waitFor: connection.waitFor(() => false, SOON),
      head: connection.head(SOON),
      ended: connection.ended(SOON),
    }
    expect(await everyFirstFile(calls)).toEqual(allHere(calls))
  })

  it('begins in the test for what an HTTP/2 stream waits for', async () => {
    await using app = await serve(() => {}, { http2: true })
    await using session = await openHttp2Session(app.url)
    const stream = await session.request()
    const calls = {
      badRequest: session.request({ method: 'A B' }),
      waitFor: stream.waitFor(() => false, SOON),
      head: stream.head(SOON),
    }
    expect(await everyFirstFile(calls)).toEqual(allHere(calls))
  })

  it('goes on with the callers of a helper of the test', async () => {
    await using connection = await connect(silent)
    const helper = () => connection.nextEvent(SOON)
    async function theTest() {
      await helper()
    }
    const { stack } = await rejection(theTest())
    expect(stack).toMatch(/at helper .*\n {4}at theTest .*\n/)
  })
})

describe('an error that is not ours', () => {
  it('keeps its stack', async () => {
    const failure = new Error('of the test')
    const { stack } = failure
    const connection = await connect(() => eventStreamResponse(streamOf(['data: a\n\n'])))
    const match = () => {
      throw failure
    }
    await expect(connection.until(match)).rejects.toBe(failure)
    expect(failure.stack).toBe(stack)
  })
})
