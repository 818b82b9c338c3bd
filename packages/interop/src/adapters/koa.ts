import { bodyParser } from '@koa/bodyparser'
import { Router } from '@koa/router'
import { createSse } from '@sse/koa'
import Koa, { type Context } from 'koa'
import { enact, type Visit, type WatcherOf } from '../scenarios/scenario.ts'
import { scenarios } from '../scenarios/scenarios.ts'
import { type App, GONE, PAGE, PAGE_HTML } from './app.ts'

export function createKoaApp(watcherOf: WatcherOf): App {
  const sse = createSse()
  const visitOf = (ctx: Context): Visit => ({
    url: ctx.originalUrl,
    httpVersion: ctx.req.httpVersion,
    json: async () => ctx.request.body,
  })
  const router = new Router()
  for (const [path, scenario] of Object.entries(scenarios)) {
    router.all(`/${path}`, sse.handler(...enact(scenario, visitOf, watcherOf)))
  }
  router.get(GONE, (ctx) => void (ctx.status = 204))
  router.get(PAGE, (ctx) => void (ctx.body = PAGE_HTML))
  const app = new Koa()
  app.use(bodyParser())
  app.use(router.routes())
  return { listener: app.callback(), stats: sse.stats }
}
