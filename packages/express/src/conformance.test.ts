import { type Compression, createCompression } from '@sse/core/compression'
import { defineAdapterConformance, type ScenarioApp } from '@sse/testing/conformance'
import compression from 'compression'
import cors from 'cors'
import express, { type ErrorRequestHandler, type RequestHandler } from 'express'
import express4 from 'express4'
import { createSse, type ExpressContext, type Sse } from './index.ts'

defineAdapterConformance('Express 5', (scenario) => mount(express, scenario))

// Version 4 takes the same calls; only its types have other names.
defineAdapterConformance('Express 4', (scenario) => {
  return mount(express4 as unknown as typeof express, scenario)
})

defineAdapterConformance(
  'Express 5 with compression and CORS middleware',
  (scenario) => mount(express, scenario, compression(), cors()),
  { compression: true, cors: true },
)

const compressed = createCompression()

defineAdapterConformance(
  'Express 5, compressed with gzip',
  (scenario) => mountWith(compressed, express, scenario),
  { encoding: 'gzip' },
)

defineAdapterConformance(
  'Express 5 with compression middleware, compressed with gzip',
  (scenario) => mountWith(compressed, express, scenario, compression()),
  { encoding: 'gzip', knownFailures: { 'SSE-ZIP-05': 'the middleware compresses refusals' } },
)

function mount(
  framework: typeof express,
  scenario: ScenarioApp,
  ...middleware: RequestHandler[]
): ReturnType<typeof mountWith> {
  return mountWith(false, framework, scenario, ...middleware)
}

function mountWith(
  ownCompression: Compression | false,
  framework: typeof express,
  scenario: ScenarioApp,
  ...middleware: RequestHandler[]
): { target: express.Express; sse: Sse } {
  const { options, handlers, responders, earlierHeaders, failure } = scenario.bind(
    ({ req }: ExpressContext) => ({ header: (name) => req.get(name), json: async () => req.body }),
  )
  const sse = createSse({ ...options, compression: ownCompression })
  const app = framework()
  app.use(...middleware, framework.json(), (_req, res, next) => {
    res.set(earlierHeaders)
    next()
  })
  for (const { method, path, handler, route } of handlers) {
    app[method](path, sse.handler(handler, route))
  }
  for (const { path, isAnswered, answer } of responders) {
    app.get(path, (req, res, next) => {
      if (req.get('x-allowed') === undefined) return void res.sendStatus(403)
      if (isAnswered) res.send('answered')
      answer((source) => sse.respond({ req, res }, source)).catch(next)
    })
  }
  const answerFailure: ErrorRequestHandler = (error, _req, res, next) => {
    if (res.headersSent) next(error)
    else res.status(418).send(failure(error))
  }
  app.use(answerFailure)
  return { target: app, sse }
}
