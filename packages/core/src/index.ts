export type { RejectReason } from './admission/reject-reason.ts'
export {
  type Channel,
  type ChannelStats,
  createChannel,
  createSharedChannel,
  type Published,
  type SharedChannel,
} from './channel/channel.ts'
export type {
  ChannelOptions,
  Gap,
  HistoryOptions,
  OverflowPolicy,
  PublishedEvent,
  PublishInput,
  PublishOptions,
  QueueOptions,
  SubscribeOptions,
} from './channel/channel-options.ts'
export {
  createLogEntry,
  type EventLog,
  type LogEntry,
  type LogEvent,
  type LogPage,
  type LogStats,
} from './channel/event-log.ts'
export type { RunStatus, RunsOptions } from './channel/run-options.ts'
export { createRuns, type Run, type RunSource, type Runs } from './channel/runs.ts'
export type { EventSchemas, EventsOf, StandardSchema } from './connection/event-schema.ts'
export type {
  AnyEventStream,
  EventInputOf,
  EventMap,
  EventOf,
  EventStream,
} from './connection/event-stream.ts'
export type { Source } from './connection/source.ts'
export { type EndReason, SseError, type SseErrorCode } from './errors.ts'
export {
  createSse,
  createWebSse,
  type FetchContext,
  type FetchHandler,
  type Sse,
  type WebExchange,
} from './fetch-sse.ts'
export type { ContextHelp } from './invalid-context.ts'
export type {
  CloseOptions,
  ConnectionInfo,
  LimitOptions,
  RouteOptions,
  SseOptions,
} from './options.ts'
export type { Compression } from './sinks/compression.ts'
export type { ResponseHead } from './sinks/sink.ts'
export type { ToResponse } from './sinks/web-sink.ts'
export type { Handler, HandlerResult, SseBase, SseStats } from './sse.ts'
export { encodeComment, encodeEvent } from './wire/encode-event.ts'
export type { EventInput, Serialize, ServerSentEvent } from './wire/server-sent-event.ts'
