import { connect } from '@sse/testing'
import { expect, it } from 'vitest'
import { createApp } from './message-format.ts'

it('writes data alone, with an event type, and with all fields', async () => {
  await using stream = await connect(createApp('Hello'))
  await stream.ended()
  expect(stream.text).toBe(
    ':\n' +
      'data: Hello\n\n' +
      'event: token\ndata: Hello\n\n' +
      'retry: 5000\nevent: update\ndata: {"message":"Hello"}\nid: update-7\n\n' +
      ': for whoever reads the bytes\n',
  )
})

it('keeps a message of several lines in one event', async () => {
  const message = 'one\n\nevent: forged\rdata: two'
  await using stream = await connect(createApp(message))
  const events = await stream.all()
  expect(events.map(({ event }) => event)).toEqual(['message', 'token', 'update'])
  expect(events[0]?.data).toBe('one\n\nevent: forged\ndata: two')
  expect(events[1]?.data).toBe(events[0]?.data)
  expect(events[2]?.json()).toEqual({ message })
  expect(stream.lastEventId).toBe('update-7')
  expect(stream.retry).toBe(5_000)
})
