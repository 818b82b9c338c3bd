/**
 * What an adapter, with the server and the middleware around it, can do. A case that needs what is
 * not there is skipped visibly, with the reason in its name.
 *
 * @public
 */
export interface Capabilities {
  /**
   * Clients reach the app over sockets; without, its `fetch` method is called in this process.
   *
   * @defaultValue true
   */
  readonly sockets?: boolean | undefined

  /**
   * The app is served over HTTP/2 without TLS, instead of HTTP/1.1.
   *
   * @defaultValue false
   */
  readonly http2?: boolean | undefined

  /**
   * Middleware can set headers on a response before a handler makes it.
   *
   * @defaultValue true
   */
  readonly earlierHeaders?: boolean | undefined

  /**
   * An ordinary handler can send an answer and then go on, instead of returning it.
   *
   * @defaultValue true
   */
  readonly answersFirst?: boolean | undefined

  /**
   * The framework's CORS middleware is in use and allows the origin of the request.
   *
   * @defaultValue false
   */
  readonly cors?: boolean | undefined

  /**
   * The framework's compression middleware is in use. Every request of the suite then says that it accepts gzip.
   *
   * @defaultValue false
   */
  readonly compression?: boolean | undefined

  /**
   * Event streams are compressed by `@sse` itself. Every request of the suite then accepts this encoding, in which
   * they must come.
   *
   * @defaultValue none
   */
  readonly encoding?: 'gzip' | 'br' | 'zstd' | undefined

  /**
   * Cases that are known to fail, by id, with the reason. They run all the same, and turn red when
   * they no longer fail.
   */
  readonly knownFailures?: Readonly<Record<string, string>> | undefined
}

/** What a case may need. */
export type Requirement =
  | 'sockets'
  | 'in-process calls'
  | 'HTTP/1.1'
  | 'HTTP/2'
  | 'earlier headers'
  | 'answers that are sent first'
  | 'CORS middleware'
  | 'compression middleware'
  | 'compressed streams'

/** Says for every requirement whether it is met, and what requests accept. */
export type Abilities = Readonly<Record<Requirement, boolean>> & {
  readonly acceptEncoding: string | undefined
}

/** Fills in every default. */
export function resolveCapabilities(given: Capabilities): Abilities {
  const { sockets = true, http2 = false, earlierHeaders = true } = given
  return {
    sockets,
    'in-process calls': !sockets,
    'HTTP/1.1': sockets && !http2,
    'HTTP/2': sockets && http2,
    'earlier headers': earlierHeaders,
    'answers that are sent first': given.answersFirst ?? true,
    'CORS middleware': given.cors ?? false,
    'compression middleware': given.compression ?? false,
    'compressed streams': given.encoding !== undefined,
    acceptEncoding: given.compression === true ? 'gzip, br' : given.encoding,
  }
}
