import { describe, expect, it } from 'vitest'
import { createFakeSse } from '../test/fake-sink.ts'
import { SseError } from './errors.ts'
import { resolveCloseOptions, resolveLimit, resolveOptions } from './resolve-options.ts'

const MAX_MS = 2_147_483_647
const MAX_COUNT = Number.MAX_SAFE_INTEGER

/** The whole message: name, rule, what was received. */
function refused(message: string) {
  return expect.objectContaining({ name: 'SseError', code: 'ERR_SSE_INVALID_OPTION', message })
}

// Every kind of value that is no integer in range, and how the message shows it.
const NO_INTEGER: readonly (readonly [unknown, string])[] = [
  [-1, '-1'],
  [1.5, '1.5'],
  [NaN, 'NaN'],
  [-Infinity, '-Infinity'],
  ['5', '"5"'],
  ['', '""'],
  [true, 'true'],
  [null, 'null'],
  [5n, '5n'],
  [{}, '{}'],
  [[], 'an array of 0'],
  [() => 5, 'function (anonymous)'],
  [Symbol('ms'), 'Symbol(ms)'],
  [new Date(0), 'an instance of Date'],
]

const NO_FUNCTION: readonly (readonly [unknown, string])[] = [
  [null, 'null'],
  [5, '5'],
  [false, 'false'],
  ['log', '"log"'],
  [{}, '{}'],
  [[], 'an array of 0'],
]

describe('durations that can be off', () => {
  const names = ['heartbeatMs', 'sendTimeoutMs', 'idleTimeoutMs', 'maxDurationMs'] as const

  it.each(names)('%s is off with 0, false and Infinity', (name) => {
    expect(resolveOptions({ [name]: 0 })[name]).toBe(0)
    expect(resolveOptions({ [name]: false })[name]).toBe(0)
    expect(resolveOptions({ [name]: Infinity })[name]).toBe(0)
  })

  it.each(names)('%s takes from 1 ms to the longest that a timer can wait', (name) => {
    expect(resolveOptions({ [name]: 1 })[name]).toBe(1)
    expect(resolveOptions({ [name]: MAX_MS })[name]).toBe(MAX_MS)
  })

  it.each(names)('%s refuses everything else, with the rule and the value', (name) => {
    const rule = `\`${name}\` must be an integer from 0 to 2147483647 of milliseconds, or 0 to turn it off`
    for (const [value, shown] of [...NO_INTEGER, [MAX_MS + 1, '2147483648'] as const]) {
      expect(() => resolveOptions({ [name]: value })).toThrow(refused(`${rule}, got ${shown}`))
    }
  })
})

describe('durations that cannot be off', () => {
  it.each(['retryMs', 'cleanupTimeoutMs'] as const)('%s takes integers of milliseconds', (name) => {
    expect(resolveOptions({ [name]: 0 })[name]).toBe(0)
    expect(resolveOptions({ [name]: MAX_MS })[name]).toBe(MAX_MS)
    const rule = `\`${name}\` must be an integer from 0 to 2147483647 of milliseconds`
    for (const [value, shown] of [
      ...NO_INTEGER,
      [MAX_MS + 1, '2147483648'] as const,
      [Infinity, 'Infinity'] as const,
      [false, 'false'] as const,
    ]) {
      expect(() => resolveOptions({ [name]: value })).toThrow(refused(`${rule}, got ${shown}`))
    }
  })
})

describe('maxEvents', () => {
  it('is off with 0, false and Infinity', () => {
    for (const maxEvents of [0, false, Infinity] as const) {
      expect(resolveOptions({ maxEvents }).maxEvents).toBe(0)
    }
  })

  it('takes any positive safe integer, and refuses everything else', () => {
    expect(resolveOptions({ maxEvents: 1 }).maxEvents).toBe(1)
    expect(resolveOptions({ maxEvents: MAX_COUNT }).maxEvents).toBe(MAX_COUNT)
    for (const [value, shown] of [...NO_INTEGER, [2 ** 53, '9007199254740992'] as const]) {
      expect(() => resolveOptions({ maxEvents: value as never })).toThrow(
        refused(
          `\`maxEvents\` must be an integer of at least 0, or 0 to turn it off, got ${shown}`,
        ),
      )
    }
  })
})

describe('maxBufferedBytes', () => {
  it('takes positive integers of bytes, and refuses everything else', () => {
    expect(resolveOptions({ maxBufferedBytes: 1 }).maxBufferedBytes).toBe(1)
    for (const [value, shown] of [
      ...NO_INTEGER,
      [0, '0'] as const,
      [false, 'false'] as const,
      [Infinity, 'Infinity'] as const,
    ]) {
      expect(() => resolveOptions({ maxBufferedBytes: value as never })).toThrow(
        refused(`\`maxBufferedBytes\` must be an integer of at least 1 of bytes, got ${shown}`),
      )
    }
  })
})

describe('functions', () => {
  it.each(['formatError', 'serialize', 'onOpen', 'onEnd', 'onError', 'onReject'] as const)(
    '%s must be one',
    (name) => {
      const given = () => undefined as never
      expect(resolveOptions({ [name]: given })[name]).toBe(given)
      for (const [value, shown] of NO_FUNCTION) {
        expect(() => resolveOptions({ [name]: value })).toThrow(
          refused(`\`${name}\` must be a function, got ${shown}`),
        )
      }
    },
  )
})

describe('completion', () => {
  it.each([['done'], [{ event: 'done' }], [{ event: 'done', data: { total: 1 } }]])(
    'takes an event: %j',
    (completion) => {
      expect(resolveOptions({ completion }).completion).toBe(completion)
    },
  )

  it('takes data that only a serializer can write', () => {
    const completion = { data: 1n }
    expect(resolveOptions({ completion }).completion).toBe(completion)
  })

  it.each([
    [null, 'got null'],
    [5, 'got 5'],
    [{}, 'got {}'],
    [{ total: 1 }, 'got an object with total'],
    [{ event: 'a\nb' }, '`event` must not contain CR or LF'],
    [{ data: 'x', id: '\0' }, '`id` must not contain U+0000'],
    [{ data: 'x', retry: -1 }, '`retry` must be an integer'],
    [{ event: 'done', data: new Uint8Array(1) }, '`data` must be text'],
  ])('refuses what is none: %j', (completion, reason) => {
    const resolve = () => resolveOptions({ completion: completion as never })
    expect(resolve).toThrow(
      expect.objectContaining({
        code: 'ERR_SSE_INVALID_OPTION',
        message: expect.stringMatching(/^`completion` must be an event: /),
        cause: expect.any(SseError),
      }),
    )
    expect(resolve).toThrow(reason)
  })
})

describe('options', () => {
  it('have these defaults', () => {
    const { formatError, onError, ...rest } = resolveOptions({})
    expect(rest).toEqual({
      heartbeatMs: 15_000,
      sendTimeoutMs: 30_000,
      idleTimeoutMs: 0,
      maxDurationMs: 0,
      maxEvents: 0,
      maxBufferedBytes: 1_048_576,
      retryMs: undefined,
      completion: undefined,
      serialize: undefined,
      compression: false,
      cleanupTimeoutMs: 5_000,
      onOpen: undefined,
      onEnd: undefined,
      onReject: undefined,
    })
    expect(formatError(new Error('secret'))).toEqual({
      event: 'error',
      data: { error: 'Internal server error' },
    })
    expect(onError).toBeTypeOf('function')
  })

  it('that are undefined count as not given', () => {
    const options = resolveOptions({ heartbeatMs: undefined, limit: undefined, onEnd: undefined })
    expect(options.heartbeatMs).toBe(15_000)
    expect('limit' in options).toBe(false)
  })

  it('of a route win over those of the server, which win over the defaults', () => {
    const server = resolveOptions({ heartbeatMs: 1_000, sendTimeoutMs: 2_000, retryMs: 5 })
    const route = resolveOptions({ sendTimeoutMs: 0, retryMs: undefined }, server)
    expect(route).toMatchObject({
      heartbeatMs: 1_000,
      sendTimeoutMs: 0,
      retryMs: 5,
      cleanupTimeoutMs: 5_000,
    })
    expect(server.sendTimeoutMs).toBe(2_000)
  })

  it('that are unknown are refused with the known ones', () => {
    expect(() => resolveOptions({ heartbeat: 5 } as never)).toThrow(
      refused(
        '`heartbeat` is not one of heartbeatMs, sendTimeoutMs, idleTimeoutMs, maxDurationMs, maxEvents, maxBufferedBytes, retryMs, completion, formatError, serialize, compression, cleanupTimeoutMs, onOpen, onEnd, onError, onReject, limit: perhaps `heartbeatMs` is meant, got 5',
      ),
    )
  })

  it.each([
    ['maxConnections', ': it belongs in `limit`, got 5'],
    ['graceMs', ': it belongs to `close()`, got 5'],
    ['events', ': it belongs to a `handler()`, got 5'],
  ])('that belong elsewhere are refused with the place: %s', (name, text) => {
    expect(() => resolveOptions({ [name]: 5 } as never)).toThrow(
      expect.objectContaining({ message: expect.stringContaining(text) }),
    )
  })

  it('of a stream are refused in its limit', () => {
    expect(() => resolveLimit({ retryMs: 5 } as never)).toThrow(
      expect.objectContaining({
        message: expect.stringContaining('belongs beside `limit`, got 5'),
      }),
    )
  })

  it('that are unknown are refused although undefined, because a typing error is one', () => {
    expect(() => resolveOptions({ heartbeat: undefined } as never)).toThrow(SseError)
  })

  it.each(['constructor', 'toString', 'hasOwnProperty'])('have no %s of their own', (name) => {
    expect(() => resolveOptions({ [name]: 1 } as never)).toThrow(
      expect.objectContaining({ message: expect.stringContaining(`\`${name}\` is not one of`) }),
    )
  })

  it.each([
    [null, 'null'],
    [5, '5'],
    ['x', '"x"'],
    [[], 'an array of 0'],
    [() => 1, 'function (anonymous)'],
  ])('must be an object: %s', (options, shown) => {
    expect(() => resolveOptions(options as never)).toThrow(
      refused(`\`options\` must be an object, got ${shown}`),
    )
  })
})

describe('limit', () => {
  it('has these defaults', () => {
    expect(resolveLimit({})).toEqual({
      maxConnections: Infinity,
      maxConnectionsPerKey: Infinity,
      key: undefined,
      maxQueued: 0,
      queueTimeoutMs: 10_000,
      retryAfterMs: 5_000,
      soft: false,
    })
  })

  it.each(['maxConnections', 'maxConnectionsPerKey'] as const)('%s counts from 1', (name) => {
    const key = () => 'a'
    expect(resolveLimit({ [name]: 1, key })[name]).toBe(1)
    expect(resolveLimit({ [name]: Infinity, key })[name]).toBe(Infinity)
    for (const [value, shown] of [...NO_INTEGER, [0, '0'] as const, [false, 'false'] as const]) {
      expect(() => resolveLimit({ [name]: value })).toThrow(
        refused(`\`limit.${name}\` must be an integer of at least 1, or Infinity, got ${shown}`),
      )
    }
  })

  it('maxQueued counts from 0', () => {
    expect(resolveLimit({ maxQueued: 0 }).maxQueued).toBe(0)
    expect(resolveLimit({ maxQueued: Infinity }).maxQueued).toBe(Infinity)
    for (const [value, shown] of [...NO_INTEGER, [false, 'false'] as const]) {
      expect(() => resolveLimit({ maxQueued: value as never })).toThrow(
        refused(`\`limit.maxQueued\` must be an integer of at least 0, or Infinity, got ${shown}`),
      )
    }
  })

  it('queueTimeoutMs can be off', () => {
    for (const queueTimeoutMs of [0, false, Infinity] as const) {
      expect(resolveLimit({ queueTimeoutMs }).queueTimeoutMs).toBe(0)
    }
    for (const [value, shown] of NO_INTEGER) {
      expect(() => resolveLimit({ queueTimeoutMs: value as never })).toThrow(
        refused(
          `\`limit.queueTimeoutMs\` must be an integer from 0 to 2147483647 of milliseconds, or 0 to turn it off, got ${shown}`,
        ),
      )
    }
  })

  it('retryAfterMs cannot be off', () => {
    expect(resolveLimit({ retryAfterMs: 0 }).retryAfterMs).toBe(0)
    for (const [value, shown] of [...NO_INTEGER, [Infinity, 'Infinity'] as const]) {
      expect(() => resolveLimit({ retryAfterMs: value as never })).toThrow(
        refused(
          `\`limit.retryAfterMs\` must be an integer from 0 to 2147483647 of milliseconds, got ${shown}`,
        ),
      )
    }
  })

  it('soft is true or false', () => {
    expect(resolveLimit({ soft: true }).soft).toBe(true)
    for (const [value, shown] of [[0, '0'] as const, ['yes', '"yes"'] as const]) {
      expect(() => resolveLimit({ soft: value as never })).toThrow(
        refused(`\`limit.soft\` must be true or false, got ${shown}`),
      )
    }
  })

  it('key must be a function', () => {
    for (const [value, shown] of NO_FUNCTION) {
      expect(() => resolveLimit({ key: value as never })).toThrow(
        refused(`\`limit.key\` must be a function, got ${shown}`),
      )
    }
  })

  it('of a key needs the key, of its own or of the server', () => {
    expect(() => resolveLimit({ maxConnectionsPerKey: 1 })).toThrow(
      refused(
        '`limit.maxConnectionsPerKey` needs `limit.key`, a function that names the client of a request, got undefined',
      ),
    )
    const key = () => 'a'
    expect(resolveLimit({ maxConnectionsPerKey: 1 }, { key })).toMatchObject({ key })
    expect(resolveLimit({ maxConnectionsPerKey: Infinity }).key).toBeUndefined()
  })

  it('of a route takes from that of the server what it does not say', () => {
    const server = resolveLimit({ maxConnections: 100, soft: true, retryAfterMs: 7 })
    expect(resolveLimit({ maxConnections: 1 }, server)).toMatchObject({
      maxConnections: 1,
      soft: true,
      retryAfterMs: 7,
    })
  })

  it('refuses unknown names', () => {
    expect(() => resolveLimit({ max: 5 } as never)).toThrow(
      refused(
        '`limit.max` is not one of maxConnections, maxConnectionsPerKey, key, maxQueued, queueTimeoutMs, retryAfterMs, soft: perhaps `maxConnections` is meant, got 5',
      ),
    )
  })

  it.each([
    [null, 'null'],
    [5, '5'],
    [[], 'an array of 0'],
  ])('must be an object: %s', (limit, shown) => {
    expect(() => createFakeSse({ limit: limit as never })).toThrow(
      refused(`\`limit\` must be an object, got ${shown}`),
    )
  })
})

describe('options of close', () => {
  it('have these defaults', () => {
    expect(resolveCloseOptions({})).toEqual({ graceMs: 5_000, retryMs: 3_000, event: undefined })
  })

  it.each(['graceMs', 'retryMs'] as const)('%s is an integer of milliseconds', (name) => {
    expect(resolveCloseOptions({ [name]: 0 })[name]).toBe(0)
    for (const [value, shown] of [...NO_INTEGER, [Infinity, 'Infinity'] as const]) {
      expect(() => resolveCloseOptions({ [name]: value })).toThrow(
        refused(
          `\`${name}\` must be an integer from 0 to 2147483647 of milliseconds, got ${shown}`,
        ),
      )
    }
  })

  it('event is one that goes out as it is, because no serializer sees it', () => {
    expect(resolveCloseOptions({ event: 'bye' }).event).toBe('bye')
    expect(() => resolveCloseOptions({ event: { id: 'a\nb' } })).toThrow(SseError)
    expect(() => resolveCloseOptions({ event: { data: 1n } })).toThrow(
      refused(
        '`event` must be an event: `data` cannot be serialised (Do not know how to serialize a BigInt), got 1n. Convert it, or give a `serialize` that can.',
      ),
    )
  })

  it('refuses unknown names', () => {
    expect(() => resolveCloseOptions({ grace: 5 } as never)).toThrow(
      refused('`grace` is not one of graceMs, retryMs, event: perhaps `graceMs` is meant, got 5'),
    )
  })
})

describe('options where they are given', () => {
  it('are checked by createSse', () => {
    expect(() => createFakeSse({ heartbeatMs: -1 })).toThrow(SseError)
    expect(() => createFakeSse({ limit: { maxConnections: 0 } })).toThrow(SseError)
    expect(() => createFakeSse(null as never)).toThrow(
      refused('`options` must be an object, got null'),
    )
  })

  it('are checked by handler', () => {
    const sse = createFakeSse()
    const handler = () => []
    expect(() => sse.handler(handler, { heartbeatMs: -1 })).toThrow(SseError)
    expect(() => sse.handler(handler, { limit: { soft: 1 as never } })).toThrow(SseError)
    expect(() => sse.handler(handler, null as never)).toThrow(
      refused('`options` must be an object, got null'),
    )
    expect(() => sse.handler(handler, { limit: null as never })).toThrow(
      refused('`limit` must be an object, got null'),
    )
    expect(() => sse.handler(handler, { event: {} } as never)).toThrow(SseError)
  })

  it.each([
    [undefined, 'undefined'],
    [['a'], 'an array of 1'],
    [{ stream: 1 }, 'an object with stream'],
  ])('tell of a handler that is no function: %s', (handler, shown) => {
    expect(() => createFakeSse().handler(handler as never)).toThrow(
      refused(
        `\`handler\` must be a function that produces the events, got ${shown}. To stream a source that exists already, use \`respond()\`.`,
      ),
    )
  })

  it('that come before the handler are told to come after it', () => {
    const handler = createFakeSse().handler as (...args: unknown[]) => unknown
    expect(() => handler({ heartbeatMs: 5 }, () => ['a'])).toThrow(
      refused(
        '`handler` must be a function that produces the events, got an object with heartbeatMs. The handler comes first, then the options.',
      ),
    )
  })

  it('are checked by respond, which rejects', async () => {
    const sse = createFakeSse()
    await expect(sse.respond({} as never, [], { heartbeatMs: -1 })).rejects.toBeInstanceOf(SseError)
    await expect(sse.respond({} as never, [], null as never)).rejects.toEqual(
      refused('`options` must be an object, got null'),
    )
    await expect(
      sse.respond({} as never, [], { limit: { maxConnections: 1 } } as never),
    ).rejects.toEqual(
      refused(
        '`limit` must be given to `createSse()` or `handler()`, because a limit that is made for one response limits nothing, got an object with maxConnections',
      ),
    )
  })
})
