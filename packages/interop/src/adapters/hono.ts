import { getRequestListener, type HttpBindings } from '@hono/node-server'
import { createSse } from '@sse/hono'
import { type Context, Hono } from 'hono'
import { enact, type Visit, type WatcherOf } from '../scenarios/scenario.ts'
import { scenarios } from '../scenarios/scenarios.ts'
import { type App, GONE, PAGE, PAGE_HTML } from './app.ts'

interface NodeEnv {
  Bindings: HttpBindings
}

/** Hono on Node. */
export function createHonoApp(watcherOf: WatcherOf): App {
  const sse = createSse<NodeEnv>()
  const visitOf = (c: Context<NodeEnv>): Visit => ({
    url: c.req.url,
    httpVersion: c.env.incoming.httpVersion,
    json: () => c.req.json(),
  })
  const app = new Hono<NodeEnv>()
  for (const [path, scenario] of Object.entries(scenarios)) {
    app.all(`/${path}`, sse.handler(...enact(scenario, visitOf, watcherOf)))
  }
  app.get(GONE, (c) => c.body(null, 204))
  app.get(PAGE, (c) => c.html(PAGE_HTML))
  return { listener: getRequestListener(app.fetch), stats: sse.stats }
}
