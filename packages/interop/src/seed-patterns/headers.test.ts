import { connect } from '@sse/testing'
import { expect, it } from 'vitest'
import { createApp } from './headers.ts'

it('sends the headers of an event stream, and leaves the connection to HTTP', async () => {
  await using stream = await connect(createApp(), { path: '/stream' })
  const { status, headers } = stream.response
  expect(status).toBe(200)
  expect(headers.get('content-type')).toBe('text/event-stream')
  expect(headers.get('cache-control')).toBe('no-cache, no-transform')
  expect(headers.get('x-accel-buffering')).toBe('no')
  expect(headers.get('content-length')).toBeNull()
})

it('sends ten messages and ends', async () => {
  await using stream = await connect(createApp(), { path: '/stream' })
  const events = await stream.all()
  expect(events.map(({ data }) => data)).toEqual(
    Array.from({ length: 10 }, (_, index) => `Message ${index}`),
  )
  expect(await stream.ended()).toBe('completed')
})
