import type { Server as HttpServer, IncomingMessage, ServerResponse } from 'node:http'
import type { Http2SecureServer, Http2Server } from 'node:http2'
import type { Server as HttpsServer } from 'node:https'
import { SseTestError } from '../errors.ts'

/**
 * A fetch handler: what Bun, Deno, Workers and the route handlers of many frameworks are made of.
 *
 * @public
 */
export type FetchHandler = (request: Request) => Response | Promise<Response>

/**
 * Anything with a fetch handler under that name, such as a Hono app.
 *
 * @public
 */
export interface FetchApp {
  /** Answers one request. */
  fetch(request: Request): Response | Promise<Response>
}

/**
 * A request listener of `node:http`: an Express app, the `callback()` of a Koa app, or a function
 * of your own.
 *
 * @public
 */
export type NodeListener = (req: IncomingMessage, res: ServerResponse) => unknown

/**
 * Anything that gives a request listener under that name, such as a Koa app.
 *
 * @public
 */
export interface CallbackApp {
  /** Makes the request listener. */
  callback(): NodeListener
}

/**
 * A server of `node:http`, `node:https` or `node:http2`, listening or not.
 *
 * @public
 */
export type NodeServer = HttpServer | HttpsServer | Http2Server | Http2SecureServer

/**
 * What runs on a Node server: it, its listener, or an app that has one.
 *
 * @public
 */
export type NodeTarget = NodeListener | CallbackApp | NodeServer

/**
 * What can be connected to. {@link connect} tells them apart by these rules, the first that holds:
 *
 * 1. a string or `URL` is the address of a running server;
 * 2. anything with a method `fetch` is called in this process (a Hono app, `{ fetch: handler }`);
 * 3. anything with the methods `listen` and `address`, and which is no function, is a Node server;
 * 4. a function with a method `handle` (an Express app), or with two or more declared parameters
 *    (`(req, res)`, a Koa callback), is a request listener and gets a server of its own;
 * 5. any other function is a fetch handler;
 * 6. an object with a method `callback` (a Koa app) gives a request listener.
 *
 * Where rules 4 and 5 guess wrong, say which it is: `{ fetch: handler }` for a fetch handler that
 * declares more parameters, `http.createServer(listener)` for a listener that declares fewer.
 *
 * @public
 */
export type ConnectTarget = string | URL | FetchHandler | FetchApp | NodeTarget

/** A target, with its kind made out. */
export type ResolvedTarget =
  | { readonly kind: 'url'; readonly url: string | URL }
  | { readonly kind: 'fetch'; readonly app: FetchApp }
  | { readonly kind: 'server'; readonly server: NodeServer }
  | { readonly kind: 'listener'; readonly listener: NodeListener }

/** Makes out what was given; see {@link ConnectTarget} for the rules. */
export function resolveTarget(target: ConnectTarget): ResolvedTarget {
  if (typeof target === 'string' || target instanceof URL) return { kind: 'url', url: target }
  if (has(target, 'fetch')) return { kind: 'fetch', app: target as FetchApp }
  if (typeof target === 'function') {
    return has(target, 'handle') || target.length >= 2
      ? { kind: 'listener', listener: target as NodeListener }
      : { kind: 'fetch', app: { fetch: target as FetchHandler } }
  }
  if (has(target, 'listen') && has(target, 'address')) {
    return { kind: 'server', server: target as NodeServer }
  }
  if (has(target, 'callback')) {
    return { kind: 'listener', listener: (target as CallbackApp).callback() }
  }
  throw new SseTestError(
    'ERR_SSE_TEST_TARGET',
    'the target must be a URL, a fetch handler or app, a request listener or a Node server, got ' +
      (target === null ? 'null' : typeof target),
  )
}

/** Whether only its parameters say that it is a request listener (rule 4), which may be wrong. */
export function isGuessedListener(target: ConnectTarget): boolean {
  return (
    typeof target === 'function' &&
    target.length >= 2 &&
    !has(target, 'handle') &&
    !has(target, 'fetch')
  )
}

function has(target: unknown, method: string): boolean {
  return typeof (target as Record<string, unknown> | null | undefined)?.[method] === 'function'
}
