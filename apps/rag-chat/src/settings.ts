/** Everything about the demo that can be changed. */
export interface Settings {
  readonly host: string
  /** The ports of Express, Hono and Koa; `0` takes a free one. */
  readonly ports: readonly [number, number, number]
  /** The chat completions API to ask; the demo starts one of its own where there is none. */
  readonly api: { readonly baseURL: string; readonly apiKey: string } | undefined
  /** The name of the model. */
  readonly model: string
  /** How long in ms retrieval and reranking take, each. */
  readonly stageDelayMs: number
  /** How long in ms the demo's own model takes for a token. */
  readonly tokenDelayMs: number
  /** The most event streams that one address may have open on one server. */
  readonly maxStreamsPerAddress: number
}

type Environment = Readonly<Record<string, string | undefined>>

/**
 * Reads the settings from environment variables; one that is empty counts as not set.
 *
 * @throws Error that names a variable which cannot be used.
 */
export function readSettings(env: Environment): Settings {
  const baseURL = env['OPENAI_BASE_URL']
  // Local model servers want no key, but the SDK does.
  const api = baseURL ? { baseURL, apiKey: env['OPENAI_API_KEY'] || 'none' } : undefined
  // There is room for the two that follow.
  const port = readInteger(env, 'PORT', 3001, [0, 65_533])
  return {
    host: env['HOST'] || '127.0.0.1',
    ports: port === 0 ? [0, 0, 0] : [port, port + 1, port + 2],
    api,
    model: env['OPENAI_MODEL'] || (api ? 'gpt-4o-mini' : 'demo'),
    stageDelayMs: readInteger(env, 'STAGE_DELAY_MS', 400, [0, 60_000]),
    tokenDelayMs: readInteger(env, 'TOKEN_DELAY_MS', 40, [0, 60_000]),
    maxStreamsPerAddress: readInteger(env, 'MAX_STREAMS_PER_ADDRESS', 100, [1, 1_000]),
  }
}

function readInteger(
  env: Environment,
  name: string,
  usual: number,
  [least, most]: readonly [number, number],
): number {
  const text = env[name]
  if (!text) return usual
  const value = Number(text)
  if (/^\d+$/.test(text) && value >= least && value <= most) return value
  throw new Error(
    `${name} must be an integer from ${least} to ${most}, got ${JSON.stringify(text)}.`,
  )
}
