import { describe, it } from 'vitest'
import { type Abilities, type Capabilities, resolveCapabilities } from './capabilities.ts'
import { CASES } from './cases.ts'
import type { ConformanceCase } from './conformance-case.ts'
import { assertStillFails, runCase } from './run-case.ts'
import type { StartServer } from './scenario.ts'

// Cases wait for events, not for time: this is reached only by one that hangs.
const CASE_TIMEOUT_MS = 20_000

/**
 * Registers the conformance suite of `@sse` adapters with Vitest: every behaviour that a client, a handler or a
 * hook can observe, as one named test each, under a `describe` of its own.
 *
 * The suite brings one app, the scenario app, as data. `startServer` mounts it with the adapter under test; the
 * cases then talk to it with real clients, good and bad. After each of them every stream must have ended
 * exactly once, with its source cleaned up, its slot returned and no error left over.
 *
 * @param name - What runs, for the report: adapter, framework, protocol, middleware.
 * @param startServer - Mounts the scenario app. Called once for each case.
 * @param capabilities - What the run can do beyond HTTP/1.1 over sockets, and what is known to fail.
 * @throws TypeError if `knownFailures` names a case that does not exist.
 *
 * @example
 * ```ts
 * import { createSse, type ExpressContext } from '@sse/express'
 * import { defineAdapterConformance, type ScenarioApp } from '@sse/testing/conformance'
 * import express, { type ErrorRequestHandler } from 'express'
 *
 * function start(scenario: ScenarioApp) {
 *   const { options, handlers, responders, earlierHeaders, failure } = scenario.bind(
 *     ({ req }: ExpressContext) => ({ header: (name) => req.get(name), json: async () => req.body }),
 *   )
 *   const sse = createSse(options)
 *   const app = express()
 *   app.use(express.json(), (_req, res, next) => void (res.set(earlierHeaders), next()))
 *   for (const { method, path, handler, route } of handlers) {
 *     app[method](path, sse.handler(handler, route))
 *   }
 *   for (const { path, isAnswered, answer } of responders) {
 *     app.get(path, (req, res, next) => {
 *       if (req.get('x-allowed') === undefined) return void res.sendStatus(403)
 *       if (isAnswered) res.send('answered')
 *       answer((source) => sse.respond({ req, res }, source)).catch(next)
 *     })
 *   }
 *   const onError: ErrorRequestHandler = (error, _req, res, next) => {
 *     if (res.headersSent) next(error)
 *     else res.status(418).send(failure(error))
 *   }
 *   return { target: app.use(onError), sse }
 * }
 *
 * defineAdapterConformance('Express 5', start)
 * ```
 *
 * @public
 */
export function defineAdapterConformance(
  name: string,
  startServer: StartServer,
  capabilities: Capabilities = {},
): void {
  const { knownFailures = {} } = capabilities
  assertKnown(Object.keys(knownFailures))
  const abilities = resolveCapabilities(capabilities)
  describe(`conformance of ${name}`, () => {
    for (const each of CASES) register(each, startServer, abilities, knownFailures[each.id])
  })
}

function register(
  each: ConformanceCase,
  start: StartServer,
  abilities: Abilities,
  failsBecause: string | undefined,
): void {
  const title = `${each.id} ${each.level} ${each.name}`
  const missing = each.requires?.find((requirement) => !abilities[requirement])
  if (missing !== undefined) {
    return it(`${title} [skipped: no ${missing}]`, ({ skip }) => skip(`needs ${missing}`))
  }
  if (failsBecause !== undefined) {
    const run = () => assertStillFails(each, start, abilities)
    return it(`${title} [known failure: ${failsBecause}]`, run, CASE_TIMEOUT_MS)
  }
  it(title, () => runCase(each, start, abilities), CASE_TIMEOUT_MS)
}

function assertKnown(ids: readonly string[]): void {
  const unknown = ids.filter((id) => !CASES.some((each) => each.id === id))
  if (unknown.length === 0) return
  throw new TypeError(`\`knownFailures\` must name cases of the suite, got ${unknown.join(', ')}`)
}
