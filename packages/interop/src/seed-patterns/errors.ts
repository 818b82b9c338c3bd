import { createSse } from '@sse/koa'
import Koa from 'koa'

/** An error whose text is meant for clients. */
export class OutOfStock extends Error {}

async function* shop(failure: Error): AsyncGenerator<{ data: { index: number } }> {
  for (let index = 0; index < 5; index += 1) yield { data: { index } }
  throw failure
}

/** Errors as events. `report` is for the log of the server. */
export function createApp(failure: Error, report: (error: unknown) => void): Koa {
  const sse = createSse({ onError: report })
  const app = new Koa()

  // The handler deals with its errors itself, and says `done` in any case.
  const caught = sse.handler(async function* () {
    let completed = false
    try {
      yield* shop(failure)
      completed = true
    } catch (error) {
      if (!(error instanceof OutOfStock)) report(error)
      const text = error instanceof OutOfStock ? error.message : 'Internal server error'
      yield { event: 'error', data: { error: text } }
    }
    // Here, and not in a `finally`, where a `yield` would hold up the cleanup when the client leaves.
    yield { event: 'done', data: { completed } }
  })

  // The library does: `done` after success only, a masked `error` otherwise.
  const uncaught = sse.handler(() => shop(failure), {
    completion: { event: 'done', data: { completed: true } },
  })

  app.use((ctx) => (ctx.path === '/caught' ? caught(ctx) : uncaught(ctx)))
  return app
}
