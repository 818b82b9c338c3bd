import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createGzipClient, type GzipClient } from '../../test/gzip-client.ts'
import type { Sequence, SharedBytes } from '../sinks/sink.ts'
import { createGzipCoder } from './gzip-coder.ts'

// Generous: the machine may be busy.
vi.setConfig({ testTimeout: 120_000 })
beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

// Much that repeats, so that there is something to refer to, and some that does not.
const WORDS = [
  'price',
  'ABC',
  '"value":',
  '3.14',
  'data: {"a":',
  'é',
  '\n\n',
  'event: tick\n',
  'zq',
]

/** A stream, what it was given, and where it is in the channel. */
interface Stream {
  readonly client: GzipClient
  plain: string
  /** The next event that it has not got. */
  at: number
  hasEnded: boolean
}

interface Model {
  readonly events: string[]
  readonly streams: Stream[]
}

/** A channel, as far as a coder notices: events, and what was gathered of them last. */
interface Real {
  readonly sequence: Sequence
  readonly isIsolated: boolean
  portion: (SharedBytes & { readonly from: number; readonly to: number }) | undefined
}

type Command = fc.Command<Model, Real>

function command(name: string, run: Command['run'], check: Command['check'] = () => true): Command {
  return { check, run, toString: () => name }
}

function together(name: string, all: readonly Command[]): Command {
  return command(`${name} (${all.join(', ')})`, (model, real) => {
    for (const each of all) if (each.check(model)) each.run(model, real)
  })
}

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)

function join(): Command {
  return command('join', (model, { isIsolated }) => {
    const client = createGzipClient(createGzipCoder(isIsolated))
    model.streams.push({ client, plain: '', at: model.events.length, hasEnded: false })
  })
}

/** Publishes, without that anybody is given it. */
function publish(words: readonly string[]): Command {
  return command(`publish ${words.length}`, ({ events }) => {
    events.push(`data: ${words.join('')}\n\n`)
  })
}

/** Those of these streams that are behind get all that there is, in this order. */
function deliver(picks: readonly number[]): Command {
  return command(`deliver ${picks.join()}`, (model, real) => {
    for (const stream of pick(model, picks)) give(model, real, stream)
  })
}

function give({ events }: Model, real: Real, stream: Stream): void {
  const { at: from } = stream
  const to = events.length
  if (from === to) return
  // As a channel does it: those who want the same are given the same.
  if (real.portion?.from !== from || real.portion.to !== to) {
    const bytes = bytesOf(events.slice(from, to).join(''))
    real.portion = { bytes, from, to, sequence: real.sequence }
  }
  write(stream, real.portion.bytes, real.portion)
  stream.at = to
}

/** As an outbox does it, only with smaller pieces. */
function write(stream: Stream, bytes: Uint8Array, shared?: SharedBytes): void {
  const most = 4_096
  for (let start = 0; start < bytes.length; start += most) {
    const part = bytes.length <= most ? bytes : bytes.subarray(start, start + most)
    stream.client.coder.write(part, shared, start)
  }
  stream.plain += new TextDecoder().decode(bytes)
  expect(stream.client.text()).toBe(stream.plain)
}

/** Something that is only for this stream; `:\n` is a heartbeat. */
function own(pickOne: number, text: string): Command {
  return command(`own ${pickOne} ${text.length}`, (model) => {
    for (const stream of pick(model, [pickOne])) write(stream, bytesOf(text))
  })
}

/** Those of these streams that are behind lose what they have not got, as `drop-oldest` does it. */
function skip(picks: readonly number[]): Command {
  return command(`skip ${picks.join()}`, (model) => {
    for (const stream of pick(model, picks)) stream.at = model.events.length
  })
}

function wait(ms: number): Command {
  return command(`${ms} ms`, () => void vi.advanceTimersByTime(ms))
}

/** The channel is left by all, and found again. */
function forget(): Command {
  return command('forget', (_model, real) => {
    real.sequence.compressed = undefined
  })
}

function end(pickOne: number): Command {
  return command(`end ${pickOne}`, (model) => {
    for (const stream of pick(model, [pickOne])) {
      stream.hasEnded = true
      stream.client.coder.end()
      expect(stream.client.whole()).toBe(stream.plain)
    }
  })
}

function pick({ streams }: Model, picks: readonly number[]): Stream[] {
  const open = streams.filter(({ hasEnded }) => !hasEnded)
  return [...new Set(picks.map((index) => open[index % open.length]))].filter(
    (stream) => stream !== undefined,
  )
}

const index = fc.nat(5)
const everybody = fc.shuffledSubarray([0, 1, 2, 3, 4, 5], { minLength: 6 })
const words = fc.array(fc.constantFrom(...WORDS), { minLength: 3, maxLength: 12 })
const largeWords = words.map((each) => Array.from({ length: 300 }, () => each.join('')))

const some = fc.array(index, { minLength: 1, maxLength: 3 })
const text = words.map((each) => each.join(''))

/** Some are behind for a moment, and then lose what they have not got, or catch up. */
const lag = fc
  .tuple(words, some, fc.boolean(), everybody)
  .map(([each, first, isLost, all]) =>
    together('lag', [publish(each), deliver(first), isLost ? skip(all) : deliver(all)]),
  )

const commands = fc.commands(
  [
    fc.constant(join()),
    fc
      .tuple(words, everybody)
      .map(([each, all]) => together('tell', [publish(each), deliver(all)])),
    fc
      .tuple(words, everybody)
      .map(([each, all]) => together('tell', [publish(each), deliver(all)])),
    fc
      .tuple(words, everybody)
      .map(([each, all]) => together('tell', [publish(each), deliver(all)])),
    lag,
    lag,
    largeWords.map(publish),
    words.map(publish),
    some.map(deliver),
    fc.tuple(index, text).map(([one, each]) => own(one, each)),
    index.map((one) => own(one, ':\n')),
    everybody.map((all) =>
      together(
        'heartbeats',
        all.map((one) => own(one, ':\n')),
      ),
    ),
    fc.constantFrom(1, 999, 1_000, 20_000).map(wait),
    fc.constant(forget()),
    index.map(end),
  ],
  { maxCommands: 40, size: 'max' },
)

describe.each([
  ['events that share a window', false],
  ['events that are isolated', true],
])('gzip of any number of streams of a channel, with %s', (_what, isIsolated) => {
  it('is what every stream was given, at any time', () => {
    fc.assert(
      fc.property(commands, (all) => {
        const model: Model = { events: [], streams: [] }
        const real: Real = { sequence: {}, isIsolated, portion: undefined }
        fc.modelRun(() => ({ model, real }), all)
        for (const stream of pick(model, [0, 1, 2, 3, 4, 5])) {
          stream.client.coder.end()
          expect(stream.client.whole()).toBe(stream.plain)
        }
      }),
      { numRuns: 400 },
    )
  })
})
