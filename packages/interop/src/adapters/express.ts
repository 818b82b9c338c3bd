import { createSse, type ExpressContext } from '@sse/express'
import express from 'express'
import express4 from 'express4'
import { enact, type Visit, type WatcherOf } from '../scenarios/scenario.ts'
import { scenarios } from '../scenarios/scenarios.ts'
import { type App, GONE, PAGE, PAGE_HTML } from './app.ts'

export function createExpress5App(watcherOf: WatcherOf): App {
  return createExpressApp(express, watcherOf)
}

export function createExpress4App(watcherOf: WatcherOf): App {
  // The same calls; only the types of version 4 have other names.
  return createExpressApp(express4 as unknown as typeof express, watcherOf)
}

function createExpressApp(framework: typeof express, watcherOf: WatcherOf): App {
  const sse = createSse()
  const visitOf = ({ req }: ExpressContext): Visit => ({
    url: req.originalUrl,
    httpVersion: req.httpVersion,
    json: async () => req.body,
  })
  const app = framework()
  app.use(framework.json())
  for (const [path, scenario] of Object.entries(scenarios)) {
    app.all(`/${path}`, sse.handler(...enact(scenario, visitOf, watcherOf)))
  }
  app.get(GONE, (_req, res) => void res.sendStatus(204))
  app.get(PAGE, (_req, res) => void res.type('html').send(PAGE_HTML))
  return { listener: app, stats: sse.stats }
}
