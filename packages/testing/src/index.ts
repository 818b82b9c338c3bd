export { type ConnectOptions, connect } from './client/connect.ts'
export type { EventStreamConnection, StreamEnd } from './client/event-stream-connection.ts'
export type { ReceivedChunk } from './client/received.ts'
export type { ReceivedEvent } from './client/received-event.ts'
export type { RequestHeaders, RequestOptions } from './client/request.ts'
export type { ConnectionResponse } from './client/response.ts'
export type {
  CallbackApp,
  ConnectTarget,
  FetchApp,
  FetchHandler,
  NodeListener,
  NodeServer,
  NodeTarget,
} from './client/target.ts'
export type { WaitOptions } from './client/waiting.ts'
export { SseTestError, type SseTestErrorCode } from './errors.ts'
export { abortBeforeHandler } from './faults/abort-before-handler.ts'
export { type FrozenReaderOptions, frozenReader } from './faults/frozen-reader.ts'
export { openHttp2Session, type RawHttp2Session } from './faults/http2-session.ts'
export type { RawHttp2Stream } from './faults/http2-stream.ts'
export { pipelineRequests } from './faults/pipeline-requests.ts'
export { openRawRequest, type RawConnection } from './faults/raw-connection.ts'
export type { RawEnd, RawHead, RawIntake } from './faults/raw-intake.ts'
export type { RawRequestOptions } from './faults/raw-request.ts'
export { type SlowReaderOptions, slowReader } from './faults/slow-reader.ts'
export { type Served, type ServeOptions, serve } from './serve.ts'
