import type { Sink } from './sinks/sink.ts'
import { createWebSink, type WebSinkInit } from './sinks/web-sink.ts'

/**
 * Makes what a fetch-style adapter gives `createWebSse` as `createSink`.
 *
 * @param outgoing - The response of `node:http` that a bridge may write the `Response` to, or whatever the framework has in
 * its place.
 *
 * @public
 */
export type CreateBridgeSink = (init: WebSinkInit, outgoing: unknown) => Sink

/**
 * Where packages are resolved for Node: makes an event that goes through a bridge cost about what it costs on
 * `node:http`. Elsewhere, which is here, there is nothing to gain, and nothing of Node is loaded.
 *
 * @public
 */
export const createBridgeSink: CreateBridgeSink = createWebSink
