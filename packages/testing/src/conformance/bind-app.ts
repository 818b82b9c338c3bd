import type { LimitOptions, RouteOptions } from '@sse/core'
import { logStream, type Recorder, recordHooks } from './recorder.ts'
import type {
  BoundApp,
  HandlerDefinition,
  HandlerScenario,
  ScenarioApp,
  ScenarioOptions,
  ScenarioRequest,
  Setup,
} from './scenario.ts'
import { HANDLERS, RESPONDERS } from './scenarios.ts'
import type { Stage } from './stage.ts'

type Read<Context> = (context: Context) => ScenarioRequest

/** Makes the scenario app for one case. */
export function createScenarioApp(stage: Stage, recorder: Recorder, setup: Setup): ScenarioApp {
  return {
    bind: <Context>(read: Read<Context>): BoundApp<Context> => {
      const clientOf = (context: Context) => read(context).header('x-client')
      return {
        options: recordHooks(recorder, bindOptions(setup.options ?? {}, read), clientOf),
        handlers: HANDLERS.flatMap((each) => bindHandler(each, read, stage, recorder)),
        responders: RESPONDERS.map(({ path, isAnswered = false, answer }) => ({
          path,
          isAnswered,
          answer: (respond) => answer(respond, { stage, recorder }),
        })),
        earlierHeaders: setup.earlierHeaders ?? {},
        failure(error) {
          recorder.frameworkErrors.push(error)
          return JSON.stringify({ teapot: error instanceof Error ? error.message : String(error) })
        },
      }
    },
  }
}

function bindHandler<Context>(
  { path, methods = ['get'], route = {}, isUnobserved = false, run }: HandlerDefinition,
  read: Read<Context>,
  stage: Stage,
  recorder: Recorder,
): HandlerScenario<Context>[] {
  const handler: HandlerScenario<Context>['handler'] = (stream, context) => {
    if (!isUnobserved) logStream(recorder, stream, path)
    return run(stream, { request: read(context), recorder, stage })
  }
  return methods.map((method) => ({ method, path, handler, route: bindOptions(route, read) }))
}

function bindOptions<Context>(
  { limit, ...others }: ScenarioOptions,
  read: Read<Context>,
): RouteOptions<Context> {
  return limit === undefined ? others : { ...others, limit: bindLimit(limit, read) }
}

function bindLimit<Context>(
  { key, ...others }: LimitOptions<ScenarioRequest>,
  read: Read<Context>,
): LimitOptions<Context> {
  return key === undefined ? others : { ...others, key: (context) => key(read(context)) }
}
