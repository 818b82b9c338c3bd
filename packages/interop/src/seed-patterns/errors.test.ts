import { connect } from '@sse/testing'
import { expect, it } from 'vitest'
import { createApp, OutOfStock } from './errors.ts'

const SECRET = 'password of db-3 is wrong'

async function eventsOf(path: string, failure: Error) {
  const reported: unknown[] = []
  const app = createApp(failure, (error) => void reported.push(error))
  await using stream = await connect(app, { path })
  const events = await stream.all()
  const { text } = stream
  const last = events.slice(5).map((event) => [event.event, event.json()])
  return { count: events.length, last, text, reported, end: await stream.ended() }
}

it('tells the client an expected error, then says done', async () => {
  const { last, reported } = await eventsOf('/caught', new OutOfStock('No more tea.'))
  expect(last).toEqual([
    ['error', { error: 'No more tea.' }],
    ['done', { completed: false }],
  ])
  expect(reported).toEqual([])
})

it('tells the client nothing of an unexpected error, reports it, then says done', async () => {
  const failure = new Error(SECRET)
  const { last, text, reported } = await eventsOf('/caught', failure)
  expect(last).toEqual([
    ['error', { error: 'Internal server error' }],
    ['done', { completed: false }],
  ])
  expect(text).not.toContain(SECRET)
  expect(reported).toEqual([failure])
})

it('masks, reports and ends with what the handler does not catch', async () => {
  const failure = new Error(SECRET)
  const { count, last, text, reported, end } = await eventsOf('/uncaught', failure)
  expect(count).toBe(6)
  expect(last).toEqual([['error', { error: 'Internal server error' }]])
  expect(text).not.toContain(SECRET)
  expect(reported).toEqual([failure])
  expect(end).toBe('completed')
})
