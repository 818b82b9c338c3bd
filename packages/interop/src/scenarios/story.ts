import type { Scenario } from './scenario.ts'

/**
 * Every shape of event, the first two each after the test allowed it: the first has to wait so that `open` can
 * be seen to come before it, the second so that the first can be seen to come by itself.
 */
export const story: Scenario = {
  async *run(stream, watcher) {
    await watcher.released(stream.signal)
    yield { event: 'stage', id: 'é-1', data: { note: 'Grüße 👋' } }
    await watcher.released(stream.signal)
    yield 'one\ntwo\r\n\nthree'
    yield { retry: 4_000 }
    yield { event: 'token', id: '2', data: ' leading space' }
    yield { comment: 'data: not an event\n\ndata: nor this' }
    yield { event: 'empty' }
    yield { event: 'done', data: '[DONE]', comment: 'the end' }
  },
}

/** An event as clients report it. `id` is the last event ID, which stays until another comes. */
export interface ToldEvent {
  event: string
  data: string
  id: string
}

/** What every client has to make of the story. */
export const storyEvents: readonly [ToldEvent, ...ToldEvent[]] = [
  { event: 'stage', data: '{"note":"Grüße 👋"}', id: 'é-1' },
  { event: 'message', data: 'one\ntwo\n\nthree', id: 'é-1' },
  { event: 'token', data: ' leading space', id: '2' },
  { event: 'empty', data: '', id: '2' },
  { event: 'done', data: '[DONE]', id: '2' },
]
