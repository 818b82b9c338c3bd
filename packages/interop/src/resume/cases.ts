import { type Channel, createChannel, createRuns, type EventStream, type Gap } from '@sse/core'
import { describe, it } from 'vitest'
import { adaptersFor } from '../adapters/adapters.ts'
import type { Client } from '../clients/client.ts'
import { publishUntil } from './publisher.ts'
import { useCutClient } from './use-cut-client.ts'

// Of each kind two.
const CUTS = 20
const HISTORY = { maxEvents: 100_000, maxBytes: 16_777_216 }
const TIMEOUT_MS = 60_000
const TOKENS = 400

/**
 * What a client has to see that is cut at random points and comes back by itself.
 *
 * @param isOf - Which of the adapters to try.
 */
export function defineCutCases(client: Client, isOf: (adapter: string) => boolean): void {
  const adapters = adaptersFor(['http/1.1']).filter(({ name }) => isOf(name))
  const options = { timeout: TIMEOUT_MS }
  describe.concurrent.each(adapters)(
    `${client.name} at $name, cut at random`,
    options,
    (adapter) => {
      it('sees every event of a channel once and in order', async ({ expect, onTestFailed }) => {
        await using cut = await useCutClient(adapter, client, CUTS, onTestFailed)
        const channel = createChannel({ history: HISTORY })
        cut.run.serve(followFromStart(channel))
        const view = cut.open()
        const published = await publishUntil(
          cut.random,
          () => cut.relay.cuts.length === CUTS,
          channel.publish,
        )
        channel.publish({ event: 'done', data: '' })
        await view.done
        expect(view.seen).toEqual(published)
        cut.leave()
        await expect.poll(() => channel.stats().subscribers).toBe(0)
        expect(channel.stats()).toMatchObject({ lapped: 0, dropped: 0, disconnected: 0 })
      })

      it('sees every event of two channels on one stream once and in order', async ({
        expect,
        onTestFailed,
      }) => {
        await using cut = await useCutClient(adapter, client, CUTS, onTestFailed)
        const channels = [
          createChannel({ history: HISTORY }),
          createChannel({ history: HISTORY }),
        ] as const
        const [letters, others] = channels
        cut.run.serve(async (stream) => {
          await Promise.all(channels.map((channel) => followFromStart(channel)(stream)))
        })
        const view = cut.open()
        const isEnough = (): boolean => cut.relay.cuts.length === CUTS
        const published = await Promise.all([
          publishUntil(cut.random, isEnough, letters.publish, 'a'),
          publishUntil(cut.random, isEnough, others.publish, 'b'),
        ])
        // Each of them has to be waited for: one may be far behind the other.
        await expect
          .poll(() => view.seen.length, { timeout: TIMEOUT_MS })
          .toBe(published.flat().length)
        expect(
          published.map(([first = '']) => view.seen.filter((data) => data[0] === first[0])),
        ).toEqual(published)
      })

      it('is told once of a server that restarted, and then sees all that the new one keeps', async ({
        expect,
        onTestFailed,
      }) => {
        await using cut = await useCutClient(adapter, client, CUTS, onTestFailed)
        const before = createChannel({ history: HISTORY })
        cut.run.serve(followFromStart(before))
        const view = cut.open()
        const { cuts } = cut.relay
        const lost = await publishUntil(
          cut.random,
          () => cuts.length >= CUTS / 2 && view.seen.length > 0,
          before.publish,
        )

        const after = createChannel({ history: HISTORY })
        let count = 0
        const kept = await publishUntil(cut.random, () => (count += 1) > 10, after.publish, 'new ')
        cut.run.serve(followFromStart(after))
        await cut.restart()
        kept.push(
          ...(await publishUntil(cut.random, () => cuts.length === CUTS, after.publish, 'newer ')),
        )
        after.publish({ event: 'done', data: '' })
        await view.done

        const gapAt = view.seen.findIndex((data) => data.startsWith('gap '))
        expect(view.seen.slice(0, gapAt)).toEqual(lost.slice(0, gapAt))
        const [epoch] = after.stats().history.oldestId?.split('-') ?? []
        const gap: Gap = { reason: 'unknown', lost: null, continuesAfter: `${epoch}-0` }
        expect(view.seen.slice(gapAt)).toEqual([`gap ${JSON.stringify(gap)}`, ...kept])
      })

      it('has the whole answer of a run that was made once, and stays away then', async ({
        expect,
        onTestFailed,
      }) => {
        await using cut = await useCutClient(adapter, client, CUTS, onTestFailed)
        const answers = createRuns({ completion: { event: 'done' } })
        let starts = 0
        const tokens = Array.from({ length: TOKENS }, (_, index) => ` token ${index}`)
        async function* answer(): AsyncGenerator<string> {
          starts += 1
          for (const token of tokens) {
            if (cut.random.below(3) === 0)
              await new Promise((resolve) => setTimeout(resolve, cut.random.below(6)))
            yield token
          }
        }
        cut.run.serve((stream) => answers.createRun('answer', answer).subscribe(stream))
        const view = cut.open()
        await view.done
        await view.gone
        expect(view.seen.join('')).toBe(tokens.join(''))
        expect(cut.relay.cuts.length).toBeGreaterThan(2)
        expect(starts).toBe(1)
      })
    },
  )
}

function followFromStart(channel: Channel): (stream: EventStream) => Promise<void> {
  return (stream) => channel.subscribe(stream, { from: 'start' })
}
