// Runs on every runtime: imports no values but those of the packages under test.
import { type Channel, createChannel, createRuns } from '@sse/core'
import { type Scenario, tell } from './scenarios.ts'

/** How many tokens an answer has. */
export const TOKENS = 200

const TOKENS_AT_ONCE = 4
const PAUSE_MS = 5

const channels = new Map<string, Channel>()

/** Runs that go on whoever watches, and runs that are cancelled when nobody does. */
const runs = {
  answer: createRuns({ completion: { event: 'done', data: '' } }),
  abandoned: createRuns({
    abandonMs: 50,
    onEnd: (status, run) => tell({ run, type: 'run-ended', value: status }),
  }),
}

/** Where streams of several requests meet. The scenarios are as in the guides. */
export const channelScenarios: Readonly<Record<string, Scenario>> = {
  channel: {
    run: ({ stream, param }) => channelOf(param('run')).subscribe(stream, { from: 'start' }),
  },
  answer: {
    run: ({ stream, param }) => runs.answer.get(param('run') ?? '')?.subscribe(stream),
  },
  abandoned: {
    run: ({ stream, param }) => runs.abandoned.get(param('run') ?? '')?.subscribe(stream),
  },
}

/** Publishes numbers in one turn, as many as are asked for; or closes the channel. */
export function publish(run: string, count: string): void {
  const channel = channelOf(run)
  if (count === 'close') return channel.close()
  const { published } = channel.stats()
  for (let number = 1; number <= Number(count); number += 1) {
    channel.publish({ event: 'number', data: published + number })
  }
}

/** Starts a run, unless it was. @returns when it has ended. */
export function startRun(run: string, kind: string): Promise<unknown> {
  if (kind === 'abandoned') return runs.abandoned.createRun(run, () => count(Infinity)).ended
  return runs.answer.createRun(run, () => {
    tell({ run, type: 'asked' })
    return count(TOKENS)
  }).ended
}

function channelOf(run: string | null): Channel {
  const channel = channels.get(run ?? '') ?? createChannel({ history: {} })
  channels.set(run ?? '', channel)
  return channel
}

async function* count(end: number): AsyncGenerator<string> {
  for (let token = 1; token <= end; token += 1) {
    yield `${token}`
    if (token % TOKENS_AT_ONCE === 0) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
  }
}
