import { bodyParser } from '@koa/bodyparser'
import cors from '@koa/cors'
import { Router } from '@koa/router'
import { type Compression, createCompression } from '@sse/core/compression'
import { defineAdapterConformance, type ScenarioApp } from '@sse/testing/conformance'
import Koa, { type Context, type Middleware } from 'koa'
import compress from 'koa-compress'
import { createSse, type Sse } from './index.ts'

defineAdapterConformance('Koa', mount)

defineAdapterConformance('Koa on node:http2', mount, { http2: true })

defineAdapterConformance(
  'Koa with compression and CORS middleware',
  (scenario) => mount(scenario, compress(), cors()),
  { compression: true, cors: true },
)

const compressed = createCompression()

defineAdapterConformance(
  'Koa with compression middleware, compressed with gzip',
  (scenario) => mountWith(compressed, scenario, compress()),
  { encoding: 'gzip' },
)

function mount(scenario: ScenarioApp, ...middleware: Middleware[]): ReturnType<typeof mountWith> {
  return mountWith(false, scenario, ...middleware)
}

function mountWith(
  compression: Compression | false,
  scenario: ScenarioApp,
  ...middleware: Middleware[]
): { target: Koa; sse: Sse } {
  const { options, handlers, responders, earlierHeaders, failure } = scenario.bind(
    (ctx: Context) => ({
      header: (name) => ctx.get(name) || undefined,
      json: async () => ctx.request.body,
    }),
  )
  const sse = createSse({ ...options, compression })
  const router = new Router()
  for (const { method, path, handler, route } of handlers) {
    router[method](path, sse.handler(handler, route))
  }
  for (const { path, isAnswered, answer } of responders) {
    router.get(path, async (ctx) => {
      if (ctx.get('x-allowed') === '') return void (ctx.status = 403)
      if (isAnswered) ctx.res.writeHead(200).end('answered')
      await answer((source) => sse.respond(ctx, source))
    })
  }
  const app = new Koa()
  for (const each of middleware) app.use(each)
  app.use(async (ctx, next) => {
    ctx.set(earlierHeaders)
    try {
      await next()
    } catch (error) {
      ctx.status = 418
      ctx.body = failure(error)
    }
  })
  app.use(bodyParser()).use(router.routes())
  return { target: app, sse }
}
