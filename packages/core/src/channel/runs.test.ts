import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { collectGarbage } from '../../test/collect-garbage.ts'
import { createFakeSink, createFakeSse, turnEnd } from '../../test/fake-sink.ts'
import { subscribe } from '../../test/subscriber.ts'
import type { RunsOptions } from './run-options.ts'
import { createRuns } from './runs.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

/** A source that makes an event each time it is told to. */
function createTap() {
  const queue: (string | Error | undefined)[] = []
  let wake = (): void => undefined
  const log = { starts: 0, cleanups: 0, signal: undefined as AbortSignal | undefined }
  const push = (item: string | Error | undefined): Promise<void> => {
    queue.push(item)
    wake()
    return turnEnd()
  }
  async function* source(signal: AbortSignal): AsyncGenerator<string> {
    log.starts += 1
    log.signal = signal
    signal.addEventListener('abort', () => wake())
    try {
      while (!signal.aborted) {
        if (queue.length === 0) {
          await new Promise<void>((resolve) => {
            wake = resolve
          })
          continue
        }
        const item = queue.shift()
        if (item === undefined) return
        if (item instanceof Error) throw item
        yield item
      }
    } finally {
      log.cleanups += 1
    }
  }
  return {
    source,
    log,
    yield: (text: string) => push(text),
    end: () => push(undefined),
    throw: (error: Error) => push(error),
  }
}

function createTestRuns(options: RunsOptions = {}) {
  const told: unknown[] = []
  const runs = createRuns({
    onEnd: (status, id) => void told.push([id, status]),
    onError: (error, id) => void told.push([id, error]),
    ...options,
  })
  return { runs, told }
}

describe('a run', () => {
  it('starts its source once, whoever asks for it and however often', async () => {
    const { runs } = createTestRuns()
    const tap = createTap()
    const run = runs.createRun('answer', tap.source)
    expect(runs.createRun('answer', tap.source)).toBe(run)
    expect(runs.get('answer')).toBe(run)
    await tap.end()
    expect(runs.createRun('answer', tap.source)).toBe(run)
    expect(tap.log.starts).toBe(1)
  })

  it('goes on with nobody watching', async () => {
    const { runs, told } = createTestRuns()
    const tap = createTap()
    const run = runs.createRun('answer', tap.source)
    await tap.yield('one')
    expect([run.status, run.viewers, run.stats().published]).toEqual(['running', 0, 1])
    await tap.end()
    expect(await run.ended).toBe('completed')
    expect(told).toEqual([['answer', 'completed']])
  })

  it('shows every viewer everything, from the beginning to the end', async () => {
    const { runs } = createTestRuns({ completion: { event: 'done' } })
    const tap = createTap()
    const run = runs.createRun('answer', tap.source)
    const first = subscribe(run)
    await tap.yield('one')
    const second = subscribe(run)
    await tap.yield('two')
    expect(run.viewers).toBe(2)
    await tap.end()
    await turnEnd()
    const late = subscribe(run)
    for (let turn = 0; turn < 3; turn += 1) await turnEnd()
    for (const viewer of [first, second, late]) {
      expect(viewer.data()).toEqual(['one', 'two', ''])
      expect(viewer.events().at(-1)?.event).toBe('done')
      expect(viewer.ends).toEqual(['completed'])
    }
    expect(run.viewers).toBe(0)
  })

  it('loses no token to a reload in mid-answer, and makes no second call', async () => {
    const { runs } = createTestRuns()
    const tap = createTap()
    const run = runs.createRun('answer', tap.source)
    const first = subscribe(run)
    await tap.yield('one')
    await tap.yield('two')
    first.sink.leave()
    await tap.yield('three')
    const again = subscribe(run, { lastEventId: first.events()[0]?.id })
    await tap.yield('four')
    expect(first.data()).toEqual(['one', 'two'])
    expect(again.data()).toEqual(['two', 'three', 'four'])
    expect(tap.log.starts).toBe(1)
    again.sink.leave()
  })

  it('answers with 204 who comes back to a finished run with everything', async () => {
    const { runs } = createTestRuns()
    const run = runs.createRun('answer', ['one', 'two'])
    const first = subscribe(run)
    for (let turn = 0; turn < 3; turn += 1) await turnEnd()
    expect(first.ends).toEqual(['completed'])
    const done = subscribe(run, { lastEventId: first.lastId() })
    const missed = subscribe(run, { lastEventId: first.events()[0]?.id })
    for (let turn = 0; turn < 3; turn += 1) await turnEnd()
    expect(done.sink.head?.status).toBe(204)
    expect(missed.data()).toEqual(['two'])
    expect(missed.ends).toEqual(['completed'])
    expect(run.viewers).toBe(0)
  })

  it('ends a stream that was opened before it could be answered with 204', async () => {
    const { runs } = createTestRuns()
    const run = runs.createRun('answer', ['one'])
    const first = subscribe(run)
    for (let turn = 0; turn < 3; turn += 1) await turnEnd()
    const sse = createFakeSse()
    const sink = createFakeSink()
    const lastEventId = first.lastId() ?? ''
    void sse.handler(async (stream) => {
      await turnEnd()
      await run.subscribe(stream)
    })({ sink, lastEventId })
    for (let turn = 0; turn < 5; turn += 1) await turnEnd()
    expect(sink.log).toEqual(['<open>', ':\n', '<end>'])
  })

  it('is kept for keepMs after its end, and then gone', async () => {
    const { runs } = createTestRuns({ keepMs: 1_000 })
    const tap = createTap()
    runs.createRun('answer', tap.source)
    vi.advanceTimersByTime(5_000)
    expect(runs.get('answer')?.status).toBe('running')
    await tap.end()
    vi.advanceTimersByTime(999)
    expect(runs.get('answer')?.status).toBe('completed')
    vi.advanceTimersByTime(1)
    expect([runs.get('answer'), runs.size]).toEqual([undefined, 0])
    expect(vi.getTimerCount()).toBe(0)
  })

  it('does not keep a process from ending', async () => {
    const { runs } = createTestRuns()
    const timers = vi.spyOn(globalThis, 'setTimeout')
    await runs.createRun('answer', ['one']).ended
    expect(timers.mock.results.map(({ value }) => value.hasRef())).toEqual([false])
    vi.restoreAllMocks()
  })

  it('is not forgotten with another of its name that was before', async () => {
    const { runs } = createTestRuns({ keepMs: 1_000, maxRuns: 1 })
    await runs.createRun('answer', ['one']).ended
    runs.close()
    vi.advanceTimersByTime(500)
    const run = runs.createRun('answer', createTap().source)
    vi.advanceTimersByTime(500)
    expect(runs.get('answer')).toBe(run)
  })

  it('is gone after keepMs on Cloudflare Workers too, where its timer died with a request', async () => {
    vi.stubGlobal('navigator', { userAgent: 'Cloudflare-Workers' })
    const { runs } = createTestRuns({ keepMs: 1_000 })
    const tap = createTap()
    runs.createRun('answer', tap.source)
    await tap.end()
    vi.clearAllTimers()
    vi.advanceTimersByTime(999)
    expect(runs.get('answer')?.status).toBe('completed')
    vi.advanceTimersByTime(1)
    expect([runs.get('answer'), runs.size]).toEqual([undefined, 0])
  })

  it('tells its viewers of an error without saying which, and its hook', async () => {
    const { runs, told } = createTestRuns()
    const fault = new Error('SECRET')
    const tap = createTap()
    const run = runs.createRun('answer', tap.source)
    const viewer = subscribe(run)
    await tap.yield('one')
    await tap.throw(fault)
    await turnEnd()
    expect(viewer.data()).toEqual(['one', '{"error":"Internal server error"}'])
    expect(run.status).toBe('failed')
    expect(told).toEqual([
      ['answer', fault],
      ['answer', 'failed'],
    ])
    expect(viewer.errors).toEqual([])
  })

  it('tells of an error in the way it is given, or not at all', async () => {
    const { runs } = createTestRuns({
      formatError: (error) =>
        (error as Error).message === 'quiet' ? undefined : { event: 'oops', data: 'x' },
    })
    const events = async (message: string) => {
      const run = runs.createRun(message, () => {
        throw new Error(message)
      })
      const viewer = subscribe(run)
      for (let turn = 0; turn < 3; turn += 1) await turnEnd()
      return viewer.events().map(({ event }) => event)
    }
    expect(await events('loud')).toEqual(['oops'])
    expect(await events('quiet')).toEqual([])
  })

  it('gives the masked error where formatError fails', async () => {
    const fault = new Error('format')
    const { runs, told } = createTestRuns({
      formatError: () => {
        throw fault
      },
    })
    const run = runs.createRun('a', () => Promise.reject(new Error('source')))
    const viewer = subscribe(run)
    for (let turn = 0; turn < 3; turn += 1) await turnEnd()
    expect(viewer.data()).toEqual(['{"error":"Internal server error"}'])
    expect(told).toContainEqual(['a', fault])
  })

  it('fails for an event that cannot be encoded, or a source that is none', async () => {
    const { runs, told } = createTestRuns()
    const bad = runs.createRun('bad', ['one', { data: 1n }, 'two'])
    const none = runs.createRun('none', 7 as never)
    expect(await bad.ended).toBe('failed')
    expect(await none.ended).toBe('failed')
    expect(told).toContainEqual(['bad', expect.objectContaining({ code: 'ERR_SSE_INVALID_DATA' })])
    expect(told).toContainEqual([
      'none',
      expect.objectContaining({
        code: 'ERR_SSE_INVALID_SOURCE',
        message: expect.stringMatching(/^The source of a run must be .*, got 7\.$/),
      }),
    ])
  })

  it('does not keep the loop from other work, though its source never waits', async () => {
    const { runs } = createTestRuns({ history: { maxEvents: 10 } })
    function* endless() {
      for (;;) yield 'x'
    }
    const run = runs.createRun('endless', endless())
    for (let turn = 0; turn < 3; turn += 1) await turnEnd()
    expect(run.stats().published).toBeGreaterThan(64)
    expect(run.stats().history.events).toBe(10)
    run.cancel()
    const { published } = run.stats()
    await turnEnd()
    expect(run.stats().published).toBe(published)
  })

  it('tells who comes late what is gone', async () => {
    const { runs } = createTestRuns({ history: { maxEvents: 2 } })
    const run = runs.createRun('long', ['one', 'two', 'three', 'four'])
    await run.ended
    const viewer = subscribe(run)
    for (let turn = 0; turn < 3; turn += 1) await turnEnd()
    expect(JSON.parse(viewer.data()[0] ?? '')).toMatchObject({ reason: 'expired', lost: 2 })
    expect(viewer.data().slice(1)).toEqual(['three', 'four'])
  })
})

describe('cancel', () => {
  it('aborts the signal, lets the source clean up, and ends the streams after a last event', async () => {
    const { runs, told } = createTestRuns()
    const tap = createTap()
    const run = runs.createRun('answer', tap.source)
    const viewer = subscribe(run)
    await tap.yield('one')
    run.cancel({ event: 'cancelled' })
    run.cancel({ event: 'again' })
    await turnEnd()
    await turnEnd()
    expect(tap.log).toMatchObject({ cleanups: 1, signal: { aborted: true } })
    expect(viewer.events().map(({ event }) => event)).toEqual([undefined, 'cancelled'])
    expect(viewer.ends).toEqual(['completed'])
    expect(await run.ended).toBe('cancelled')
    expect(told).toEqual([['answer', 'cancelled']])
  })

  it('does nothing after the end', async () => {
    const { runs } = createTestRuns()
    const run = runs.createRun('answer', ['one'])
    await run.ended
    run.cancel({ event: 'late' })
    expect(run.status).toBe('completed')
    expect(run.stats().published).toBe(1)
  })

  it('lets go of a source that was not there yet', async () => {
    const { runs } = createTestRuns()
    let cancelled = false
    const stream = new ReadableStream({ cancel: () => void (cancelled = true) })
    let give = (): void => undefined
    const run = runs.createRun(
      'slow',
      () => new Promise((resolve) => (give = () => resolve(stream))),
    )
    run.cancel()
    give()
    await turnEnd()
    expect(cancelled).toBe(true)
  })

  it.each(['Node', 'Cloudflare-Workers'])(
    'comes by itself when the last viewer has been gone for abandonMs: %s',
    async (userAgent) => {
      vi.stubGlobal('navigator', { userAgent })
      const { runs } = createTestRuns({ abandonMs: 1_000 })
      const tap = createTap()
      const run = runs.createRun('answer', tap.source)
      vi.advanceTimersByTime(10_000)
      expect(run.status).toBe('running')
      const [first, second] = [subscribe(run), subscribe(run)]
      await turnEnd()
      first.sink.leave()
      await turnEnd()
      vi.advanceTimersByTime(10_000)
      expect(run.status).toBe('running')
      second.sink.leave()
      await turnEnd()
      vi.advanceTimersByTime(999)
      const third = subscribe(run)
      await turnEnd()
      vi.advanceTimersByTime(10_000)
      expect(run.status).toBe('running')
      third.sink.leave()
      await turnEnd()
      vi.advanceTimersByTime(1_000)
      await turnEnd()
      expect(await run.ended).toBe('cancelled')
      expect(tap.log.cleanups).toBe(1)
    },
  )

  it('tells a source that ignores its signal', async () => {
    const { runs } = createTestRuns()
    let returns = 0
    const iterator = {
      next: () => new Promise<IteratorResult<string>>(() => undefined),
      return: async () => ({ done: true as const, value: (returns += 1) }),
    }
    const run = runs.createRun('deaf', () => ({ [Symbol.asyncIterator]: () => iterator }))
    await turnEnd()
    run.cancel()
    expect(returns).toBe(1)
  })

  it('leaves no timer behind when the run ends before', async () => {
    const { runs } = createTestRuns({ abandonMs: 1_000, keepMs: 1 })
    const tap = createTap()
    const run = runs.createRun('answer', tap.source)
    const viewer = subscribe(run)
    await turnEnd()
    viewer.sink.leave()
    await turnEnd()
    expect(vi.getTimerCount()).toBe(1)
    await tap.end()
    vi.advanceTimersByTime(1)
    expect(vi.getTimerCount()).toBe(0)
    expect(run.status).toBe('completed')
  })

  it('does not come by itself unless chosen', async () => {
    const { runs } = createTestRuns()
    const tap = createTap()
    const run = runs.createRun('answer', tap.source)
    const viewer = subscribe(run)
    await turnEnd()
    viewer.sink.leave()
    await turnEnd()
    expect(vi.getTimerCount()).toBe(0)
    await tap.yield('one')
    expect(run.status).toBe('running')
  })
})

describe('the place for runs', () => {
  it('lets the oldest that has ended go when there are too many, and refuses when none has', async () => {
    const { runs } = createTestRuns({ maxRuns: 2 })
    const tap = createTap()
    runs.createRun('running', tap.source)
    await runs.createRun('short', ['x']).ended
    runs.createRun('third', tap.source)
    expect([runs.get('short'), runs.size]).toEqual([undefined, 2])
    expect(() => runs.createRun('fourth', ['x'])).toThrow(
      expect.objectContaining({ code: 'ERR_SSE_LIMIT_REACHED' }),
    )
  })

  it('lets the one go that ended first, not the one that began first', async () => {
    const { runs } = createTestRuns({ maxRuns: 2 })
    const tap = createTap()
    const slow = runs.createRun('slow', tap.source)
    await runs.createRun('quick', ['x']).ended
    await tap.end()
    expect(await slow.ended).toBe('completed')
    runs.createRun('third', ['x'])
    expect([runs.get('quick'), runs.get('slow')]).toEqual([undefined, slow])
  })

  it('holds nothing of runs that it has forgotten', async () => {
    const { runs } = createTestRuns({ maxRuns: 1 })
    const create = async (id: string) => {
      const data = { text: id }
      await runs.createRun(id, [{ data }]).ended
      return new WeakRef(data)
    }
    const first = await create('first')
    await create('second')
    await turnEnd()
    collectGarbage()
    expect(first.deref()).toBeUndefined()
  })

  it('cancels everything when it is closed', async () => {
    const { runs, told } = createTestRuns()
    const tap = createTap()
    const run = runs.createRun('answer', tap.source)
    const viewer = subscribe(run)
    await turnEnd()
    runs.close()
    await turnEnd()
    expect(viewer.ends).toEqual(['completed'])
    expect(runs.size).toBe(0)
    expect(told).toEqual([['answer', 'cancelled']])
  })

  it.each(['', 'x'.repeat(1_025), 7, undefined])('refuses %j as an id', (id) => {
    const { runs } = createTestRuns()
    expect(() => runs.createRun(id as string, [])).toThrow(
      expect.objectContaining({ code: 'ERR_SSE_INVALID_OPTION' }),
    )
  })

  it('lets go of a source that is not needed, because there is a run with its id', async () => {
    const { runs } = createTestRuns()
    runs.createRun('a', ['x'])
    let cancelled = false
    runs.createRun('a', new ReadableStream({ cancel: () => void (cancelled = true) }))
    expect(cancelled).toBe(true)
  })

  it.each([
    [{ keepMs: -1 }, '`keepMs` must be an integer from 0'],
    [{ abandonMs: 'x' }, '`abandonMs` must be an integer'],
    [{ maxRuns: 0 }, '`maxRuns` must be an integer of at least 1'],
    [{ history: { maxEvents: 0 } }, '`history.maxEvents` must be'],
    [{ nothing: 1 }, '`nothing` is not one of'],
    [{ gapEvent: 'a\nb' }, '`gapEvent` must not contain CR or LF'],
  ])('refuses %j', (options, message) => {
    expect(() => createRuns(options as never)).toThrow(message)
  })

  it('reports hooks that throw to the console, and goes on', async () => {
    const printed: unknown[] = []
    vi.spyOn(console, 'error').mockImplementation((error) => void printed.push(error))
    const [first, second] = [new Error('onEnd'), new Error('onError')]
    const { runs } = createTestRuns({
      onEnd: () => {
        throw first
      },
      onError: () => Promise.reject(second) as never,
    })
    const run = runs.createRun('a', () => {
      throw new Error('source')
    })
    expect(await run.ended).toBe('failed')
    await turnEnd()
    expect(printed).toEqual([first, second])
    vi.restoreAllMocks()
  })
})
