import type {
  CloseOptions,
  EventInput,
  EventMap,
  EventStream,
  Handler,
  HandlerResult,
  LimitOptions,
  RouteOptions,
  Source,
  SseOptions,
  SseStats,
} from '@sse/core'
import type { FetchApp, NodeTarget } from '../client/target.ts'
import type { Recorder } from './recorder.ts'
import type { Stage } from './stage.ts'

/**
 * What scenarios read of a request.
 *
 * @public
 */
export interface ScenarioRequest {
  /** Reads a request header; the name is in lower case. */
  header(name: string): string | undefined
  /** Reads the request body as JSON, or gives what middleware has read. */
  json(): Promise<unknown>
}

/**
 * A route that `sse.handler()` answers.
 *
 * @public
 */
export interface HandlerScenario<Context> {
  /** The method to register it for. A route for `get` answers HEAD as well. */
  readonly method: 'get' | 'post'
  /** The path, without parameters. */
  readonly path: string
  /** The first argument of `sse.handler()`. */
  readonly handler: Handler<EventMap, Context>
  /** The second one. */
  readonly route: RouteOptions<Context>
}

/**
 * What a scenario gives to `sse.respond()`.
 *
 * @public
 */
export type ScenarioSource =
  | Source<EventInput>
  | ((stream: EventStream) => HandlerResult<EventMap> | Promise<HandlerResult<EventMap>>)

/**
 * A route for GET with an ordinary handler: it answers 403 to requests without an `X-Allowed` header, and
 * calls `answer` for the others, once it has sent an answer of its own if `isAnswered`.
 *
 * @public
 */
export interface RespondScenario {
  /** The path, without parameters. */
  readonly path: string
  /** Whether the handler sends the text `answered` before it calls `answer`. */
  readonly isAnswered: boolean
  /**
   * What the handler does after its check.
   *
   * @param respond - Calls `sse.respond()` for the request of the handler.
   * @returns What `sse.respond()` resolved to. It rejects with what belongs to the framework.
   */
  answer<Result>(respond: (source: ScenarioSource) => Promise<Result>): Promise<Result>
}

/**
 * The scenario app, bound to one adapter: what has to be mounted.
 *
 * @public
 */
export interface BoundApp<Context> {
  /** For `createSse()`. */
  readonly options: SseOptions<Context>
  /** Routes to register with `sse.handler()`. */
  readonly handlers: readonly HandlerScenario<Context>[]
  /** Routes to register with an ordinary handler. */
  readonly responders: readonly RespondScenario[]
  /** Headers that middleware sets on every response before the handler runs. */
  readonly earlierHeaders: Readonly<Record<string, string>>
  /** Makes the body that the framework's error handler answers with, under status 418. */
  readonly failure: (error: unknown) => string
}

/**
 * The scenario app: options and routes as data, the same for all adapters.
 *
 * @public
 */
export interface ScenarioApp {
  /**
   * Binds it to an adapter.
   *
   * @param read - Gives access to a request, from what handlers of the adapter get as second argument.
   */
  bind<Context>(read: (context: Context) => ScenarioRequest): BoundApp<Context>
}

/**
 * A server, or an app that needs none, on which the scenario app is mounted.
 *
 * @public
 */
export interface ConformanceServer {
  /**
   * A request listener or app, a server that does not listen yet, or an object whose `fetch` method
   * is called in this process. The suite starts and stops it.
   */
  readonly target: NodeTarget | FetchApp
  /** What `createSse()` gave. */
  readonly sse: {
    /** Ends all event streams. */
    close(options?: CloseOptions): Promise<void>
    /** Counts what happened and what is open. */
    stats(): SseStats
  }
}

/**
 * All that an adapter author writes: mounts the scenario app. Called anew for every case.
 *
 * @public
 */
export type StartServer = (app: ScenarioApp) => ConformanceServer | Promise<ConformanceServer>

/** Options of a scenario or a case; its limit reads keys from a {@link ScenarioRequest}. */
export type ScenarioOptions = Omit<RouteOptions, 'limit'> & {
  limit?: LimitOptions<ScenarioRequest>
}

/** What a case wants of its server. */
export interface Setup {
  /** Options of `createSse()`. */
  readonly options?: ScenarioOptions
  /** Headers that are there before a handler runs. */
  readonly earlierHeaders?: Readonly<Record<string, string>>
}

/** What a scenario has at hand while it runs. */
export interface Scene {
  readonly request: ScenarioRequest
  readonly recorder: Recorder
  readonly stage: Stage
}

/** A route of the scenario app, with a handler for any adapter. */
export interface HandlerDefinition {
  readonly path: string
  /** `get` if absent. */
  readonly methods?: readonly ('get' | 'post')[]
  readonly route?: ScenarioOptions
  /** Whether nothing may be asked of its event stream, not even the signal. */
  readonly isUnobserved?: boolean
  readonly run: (
    stream: EventStream,
    scene: Scene,
  ) => HandlerResult<EventMap> | Promise<HandlerResult<EventMap>>
}

/** A route of the scenario app, with an ordinary handler. */
export interface RespondDefinition {
  readonly path: string
  readonly isAnswered?: boolean
  readonly answer: <Result>(
    respond: (source: ScenarioSource) => Promise<Result>,
    scene: Omit<Scene, 'request'>,
  ) => Promise<Result>
}
