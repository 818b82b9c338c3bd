import { getRequestListener } from '@hono/node-server'
import { createSse, type FetchContext, type FetchHandler } from '@sse/core'
import { enact, type Visit, type WatcherOf } from '../scenarios/scenario.ts'
import { scenarios } from '../scenarios/scenarios.ts'
import { type App, GONE, PAGE, PAGE_HTML } from './app.ts'

/** The fetch-style door of core, behind a bridge to `node:http`. */
export function createCoreFetchApp(watcherOf: WatcherOf): App {
  const sse = createSse()
  const visitOf = ({ request }: FetchContext): Visit => ({
    url: request.url,
    json: () => request.json(),
  })
  const handlers = new Map<string, FetchHandler>()
  for (const [path, scenario] of Object.entries(scenarios)) {
    handlers.set(`/${path}`, sse.handler(...enact(scenario, visitOf, watcherOf)))
  }
  handlers.set(GONE, async () => new Response(null, { status: 204 }))
  handlers.set(PAGE, async () => {
    return new Response(PAGE_HTML, { headers: { 'Content-Type': 'text/html' } })
  })
  const notFound = new Response(null, { status: 404 })
  const fetch = (request: Request): Response | Promise<Response> =>
    handlers.get(new URL(request.url).pathname)?.(request) ?? notFound.clone()
  return { listener: getRequestListener(fetch), stats: sse.stats }
}
