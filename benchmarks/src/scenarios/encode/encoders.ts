import { encodeEvent } from '@sse/core'
import { EventBuffer } from 'better-sse'
import { encode } from 'eventsource-encoder'
import { print } from 'graphql-sse'
import { SSEStreamingApi } from 'hono/streaming'
import { privateFunction } from './private-function.ts'
import type { BenchEvent, Shape } from './shapes.ts'

/** Encodes events to bytes and hands them over. */
export type Encode = (events: readonly BenchEvent[]) => void | Promise<void>
type Take = (bytes: Uint8Array) => void

/** One of those that are compared. */
export interface Encoder {
  readonly system: string
  /** The way to its bytes, for the notes. */
  readonly way: string
  /** Whether it sends data as JSON only, and no ids. */
  readonly isJsonOnly?: boolean
  make(shape: Shape, take: Take): Encode
}

interface TextEvent {
  readonly event: string
  readonly id: string
  readonly data: string
}

export const BASELINE = 'no newline handling'

export const ENCODERS: readonly Encoder[] = [
  {
    system: BASELINE,
    way: 'a template literal; wrong as soon as the data has a line end',
    make: overText(({ event, id, data }) => `event: ${event}\ndata: ${data}\nid: ${id}\n\n`),
  },
  { system: '@sse/core', way: '`encodeEvent`', make: overEvents((event) => encodeEvent(event)) },
  { system: 'eventsource-encoder', way: '`encode`', make: overText((event) => encode(event)) },
  {
    system: 'h3',
    way: 'its formatter, taken out of its source, because it is not exported; its `push` costs a promise and a stream besides',
    make: overText(
      privateFunction('h3', 'dist/h3.mjs', ['_sanitizeSingleLine', 'formatEventStreamMessage']),
    ),
  },
  {
    system: 'hono',
    way: '`writeSSE` of `SSEStreamingApi`, whose `write` was replaced; the promise of `writeSSE` is part of it',
    make: makeHono,
  },
  {
    system: 'better-sse',
    way: '`push`, `read` and `clear` of an `EventBuffer`; its own serialiser, JSON, for objects, and none for text',
    make: makeBetterSse,
  },
  {
    system: 'graphql-sse',
    way: '`print`, which has no ids, one event type, and makes JSON of all data',
    isJsonOnly: true,
    // It is meant for the results of GraphQL.
    make: overEvents(({ data }) => print({ event: 'next', data: data as never })),
  },
  {
    system: '@fastify/sse',
    way: 'its formatter, taken out of its source, because it is not exported; its `send` costs two promises besides',
    make: makeFastify,
  },
]

/** Those that take an event as it is. */
function overEvents(encodeOne: (event: BenchEvent) => string): Encoder['make'] {
  return (_shape, take) => (events) => {
    for (const event of events) take(Buffer.from(encodeOne(event)))
  }
}

/** Those that leave it to their users to make JSON. */
function overText(encodeOne: (event: TextEvent) => string): Encoder['make'] {
  return (shape, take) => {
    if (shape.kind !== 'json')
      return overEvents(encodeOne as (event: BenchEvent) => string)(shape, take)
    return (events) => {
      for (const { event, id, data } of events) {
        take(Buffer.from(encodeOne({ event, id, data: JSON.stringify(data) })))
      }
    }
  }
}

function makeHono(shape: Shape, take: Take): Encode {
  class Bytes extends SSEStreamingApi {
    override async write(text: string): Promise<this> {
      take(Buffer.from(text))
      return this
    }
  }
  const { readable, writable } = new TransformStream()
  const stream = new Bytes(writable, readable)
  return async (events) => {
    for (const { event, id, data } of events) {
      const text = shape.kind === 'json' ? JSON.stringify(data) : (data as string)
      await stream.writeSSE({ event, id, data: text })
    }
  }
}

function makeBetterSse(shape: Shape, take: Take): Encode {
  const buffer = new EventBuffer(shape.kind === 'json' ? {} : { serializer: String })
  return (events) => {
    for (const { event, id, data } of events) {
      take(Buffer.from(buffer.push(data, event, id).read()))
      buffer.clear()
    }
  }
}

function makeFastify(shape: Shape, take: Take): Encode {
  const format = privateFunction<
    (event: BenchEvent, serialize: (data: unknown) => string) => string
  >('@fastify/sse', 'index.js', ['formatSSEMessage'])
  const serialize = shape.kind === 'json' ? JSON.stringify : String
  return overEvents((event) => format(event, serialize))(shape, take)
}
