import { randomUUID } from 'node:crypto'
import { connect, type EventStreamConnection, frozenReader, openRawRequest } from '@sse/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { defineChannelTests } from './channel-behaviour.ts'
import type { RuntimeServer } from './process.ts'
import type { Runtime } from './runtimes.ts'

// Generous: two cores run everything at once.
const WAIT = { timeoutMs: 10_000 }
const MIB = 1_048_576

/** What is known of a runtime. */
export interface Traits {
  /** Whether it sees a client leave at once, or only when the next bytes do not arrive. */
  readonly seesClientLeave: boolean
}

/** Defines the tests that every runtime has to pass. They are skipped where it is missing. */
export function describeRuntime(
  name: string,
  runtime: Runtime | undefined,
  { seesClientLeave }: Traits,
): void {
  describe.skipIf(runtime === undefined)(name, { timeout: 30_000 }, () => {
    let server: RuntimeServer
    beforeAll(async () => {
      server = await (runtime as Runtime).start()
    })
    afterAll(() => server.close())

    describe.each(['core', 'hono'])('@sse/%s', (adapter) => {
      /** A URL whose reports nobody else sees. */
      const visit = (scenario: string): { run: string; url: string } => {
        const run = randomUUID().slice(0, 8)
        return { run, url: `${server.url}/${adapter}/${scenario}?run=${run}` }
      }
      const stats = async (): Promise<{ active: number; queued: number }> =>
        (await fetch(`${server.url}/${adapter}/stats`)).json() as Promise<{
          active: number
          queued: number
        }>

      it('delivers an event before the source makes the next one', async () => {
        const { run, url } = visit('steps')
        await using connection = await connect(url, WAIT)
        expect(connection.response.headers.get('content-type')).toBe('text/event-stream')
        expect((await connection.nextEvent()).data).toBe('{"step":1}')
        await fetch(`${server.url}/release?run=${run}`)
        expect((await connection.nextEvent()).data).toBe('{"step":2}')
        expect(await connection.ended()).toBe('completed')
        expect(connection.lastEventId).toBe('2')
        expect(await server.reported(run, 'ended')).toMatchObject({ value: 'completed' })
      })

      it('sends what the handler pushes, and a last event', async () => {
        await using connection = await connect(visit('push').url, {
          ...WAIT,
          body: { any: 'body' },
        })
        const events = await connection.all()
        expect(events.map(({ event }) => event)).toEqual(['step', 'step', 'step', 'done'])
      })

      it('tells the source that its client has left', async () => {
        const { run, url } = visit('endless')
        const connection = await connect(url, WAIT)
        await connection.take(3)
        await connection.close()
        await expectGone(run)
        expect(await server.reported(run, 'cleaned-up')).toBeDefined()
      })

      it('tells the source that a client which sent a body has left', async () => {
        const { run, url } = visit('endless')
        const connection = await connect(url, { ...WAIT, body: { question: 'Hello?' } })
        await connection.take(3)
        await connection.close()
        await expectGone(run)
      })

      const moment = seesClientLeave ? 'at once' : 'with the next heartbeat'
      it(`notices a client that leaves in silence ${moment}`, async () => {
        const { run, url } = visit(seesClientLeave ? 'mute' : 'silent')
        const connection = await connect(url, WAIT)
        await connection.close()
        await expectGone(run)
      })

      it('notices a client that resets the connection', async () => {
        const { run, url } = visit('endless')
        const connection = await openRawRequest(url)
        await connection.waitFor((text) => text.includes('"tick":2'), WAIT)
        await connection.reset()
        await expectGone(run)
      })

      it('does not pull more than a client that never reads can have', async () => {
        const { run, url } = visit('large')
        await using reader = await frozenReader(url)
        expect(await server.reported(run, 'ended')).toMatchObject({ value: 'send-timeout' })
        const { value: pulled } = await server.reported(run, 'pulled')
        expect(reader.bytesRead).toBe(0)
        expect(pulled).toBeLessThan(32 * MIB)
      })

      it('sends heartbeats in silence', async () => {
        await using connection = await connect(visit('silent').url, WAIT)
        await connection.waitFor(({ comments }) => comments.length > 3)
      })

      it('ends a stream whose source says nothing for too long', async () => {
        const { run, url } = visit('idle')
        await using connection = await connect(url, WAIT)
        expect(await connection.ended()).toBe('completed')
        expect(connection.comments.length).toBeGreaterThan(1)
        expect(await server.reported(run, 'ended')).toMatchObject({ value: 'idle-timeout' })
      })

      it('leaves a stream alone when the one that was opened before it ends', async () => {
        const first = await connect(visit('silent').url, WAIT)
        await using silent = await connect(visit('silent').url, WAIT)
        await using endless = await connect(visit('endless').url, WAIT)
        const idleVisit = visit('idle')
        await using idle = await connect(idleVisit.url, WAIT)
        await first.close()
        const before = silent.comments.length
        await silent.waitFor(({ comments }) => comments.length > before + 2)
        await endless.take(10)
        expect(await idle.ended()).toBe('completed')
        expect(await server.reported(idleVisit.run, 'ended')).toMatchObject({
          value: 'idle-timeout',
        })
      })

      it('delivers what another request sends, and lets it end the stream', async () => {
        const { run, url } = visit('subscribe')
        await using connection = await connect(url, WAIT)
        await server.reported(run, 'asked')
        for (const news of ['first', 'second', 'third']) {
          await fetch(`${server.url}/publish/${news}`)
          expect((await connection.nextEvent()).data).toBe(news)
        }
        await fetch(`${server.url}/unsubscribe`)
        expect(await connection.ended()).toBe('completed')
      })

      defineChannelTests(() => server, visit)

      it('masks an error that comes when the stream is open', async () => {
        const { run, url } = visit('fails')
        await using connection = await connect(url, WAIT)
        const events = await connection.all()
        expect(events.map(({ event, data }) => [event, data])).toEqual([
          ['step', '{"step":1}'],
          ['error', '{"error":"Internal server error"}'],
        ])
        expect(await server.reported(run, 'ended')).toMatchObject({ value: 'source-error' })
      })

      it('refuses a client over the limit, and lets the next one in', async () => {
        const { run, url } = visit('limited')
        const first = await connect(url, WAIT)
        const refused = await connect(visit('limited').url, WAIT)
        expect(refused.response.status).toBe(503)
        expect(refused.response.headers.get('retry-after')).toMatch(/^\d+$/)
        await refused.close()
        await first.close()
        await expectGone(run)
        await using next = await connect(visit('limited').url, WAIT)
        expect(next.response.status).toBe(200)
      })

      it('opens the stream of a client that waited when the one before it has left', async () => {
        const first = await connect(visit('queued').url, WAIT)
        const waiting = connect(visit('queued').url, WAIT)
        await expect.poll(stats, { timeout: WAIT.timeoutMs }).toMatchObject({ queued: 1 })
        await first.close()
        await using second = await waiting
        await second.waitFor(({ comments }) => comments.length > 3)
      })

      it('answers otherwise until it responds with a stream', async () => {
        await using refused = await connect(visit('guarded').url, WAIT)
        expect(refused.response.status).toBe(401)
        const headers = { Authorization: 'Bearer token' }
        await using allowed = await connect(visit('guarded').url, { ...WAIT, headers })
        expect((await allowed.nextEvent()).data).toBe('{"step":1}')
      })

      it('ends the streams of all clients on close, and takes no more', async () => {
        const visits = [visit('closing'), visit('closing')]
        const open: EventStreamConnection[] = []
        for (const { url } of visits) open.push(await connect(url, WAIT))
        const closed = fetch(`${server.url}/${adapter}/close`)
        for (const connection of open) {
          expect((await connection.all()).map(({ event }) => event)).toEqual(['farewell'])
          expect(connection.retry).toBeGreaterThan(0)
        }
        for (const { run } of visits) {
          expect(await server.reported(run, 'ended')).toMatchObject({ value: 'shutdown' })
        }
        expect((await closed).status).toBe(204)
        expect((await fetch(visit('closing').url)).status).toBe(503)
      })

      it('holds nothing once all clients are gone', async () => {
        await expect.poll(stats, { timeout: WAIT.timeoutMs }).toMatchObject({ active: 0 })
      })

      async function expectGone(run: string): Promise<void> {
        expect(await server.reported(run, 'aborted')).toMatchObject({ value: 'client-disconnect' })
        expect(await server.reported(run, 'ended')).toMatchObject({ value: 'client-disconnect' })
      }
    })
  })
}
