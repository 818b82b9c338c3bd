import { describe, expect, it } from 'vitest'
import { resolveCloseOptions, resolveLimit, resolveOptions } from './resolve-options.ts'

describe('an unknown option', () => {
  it.each([
    ['heartbeat', 'heartbeatMs'],
    ['heartbeatInterval', 'heartbeatMs'],
    ['hearbeatMs', 'heartbeatMs'],
    ['keepAlive', 'heartbeatMs'],
    ['sendTimeout', 'sendTimeoutMs'],
    ['retry', 'retryMs'],
    ['maxBufferBytes', 'maxBufferedBytes'],
    ['serializer', 'serialize'],
    ['onerror', 'onError'],
    ['onClose', 'onEnd'],
    ['onDisconnect', 'onEnd'],
    ['onConnect', 'onOpen'],
    ['limits', 'limit'],
  ])('comes with the one that is probably meant: %s', (name, meant) => {
    expect(() => resolveOptions({ [name]: 5 } as never)).toThrow(
      `, limit: perhaps \`${meant}\` is meant, got 5`,
    )
  })

  it('of a limit comes with the one that is probably meant', () => {
    expect(() => resolveLimit({ max: 5 } as never)).toThrow(
      ', soft: perhaps `maxConnections` is meant, got 5',
    )
    expect(() => resolveLimit({ maxConnectionPerKey: 5 } as never)).toThrow(
      ': perhaps `maxConnectionsPerKey` is meant, got 5',
    )
  })

  it('of close comes with the one that is probably meant', () => {
    expect(() => resolveCloseOptions({ grace: 5 } as never)).toThrow(
      ', event: perhaps `graceMs` is meant, got 5',
    )
  })

  it('that is meant for the response head comes with the way to set it', () => {
    expect(() => resolveOptions({ headers: {} } as never)).toThrow(
      ', limit: set headers with the framework, before the first yield, got {}',
    )
  })

  it.each(['on', 'ms', 'status', 'logger', 'x', ''])(
    'that is like none comes alone: %s',
    (name) => {
      expect(() => resolveOptions({ [name]: 5 } as never)).toThrow(/, limit, got 5$/)
      expect(() => resolveCloseOptions({ [name]: 5 } as never)).toThrow(/, event, got 5$/)
    },
  )

  it.each(['onClose', 'headers'])('is not compared with options of others: %s', (name) => {
    expect(() => resolveLimit({ [name]: 5 } as never)).toThrow(/, soft, got 5$/)
  })
})
