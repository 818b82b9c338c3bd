import { getRequestListener } from '@hono/node-server'
import { connect } from '@sse/testing'
import { expect, it } from 'vitest'
import { createApp } from './event-types.ts'

it('streams stages, tokens and done in answer to a POST with a JSON body', async () => {
  await using stream = await connect(getRequestListener(createApp().fetch), {
    path: '/chat/stream',
    body: { query: 'life' },
  })
  const events = await stream.all()
  expect(events.map(({ event }) => event)).toEqual([
    ...Array<string>(5).fill('stage'),
    ...Array<string>(6).fill('token'),
    'done',
  ])
  expect(events[1]?.json()).toEqual({ stage: 'retrieval', status: 'completed', docs_found: 5 })
  expect(events[8]?.json()).toEqual({ content: 'life' })
  expect(events.at(-1)?.json()).toEqual({ total_tokens: 6 })
})
