import { SseError, show } from '../errors.ts'
import { isThenable, swallow } from '../thenable.ts'
import type { EventInput, ServerSentEvent } from '../wire/server-sent-event.ts'

/**
 * A schema of zod, valibot, arktype or any other library that implements Standard Schema, version 1.
 *
 * @see {@link https://standardschema.dev}
 * @public
 */
export interface StandardSchema {
  /** The properties of Standard Schema. */
  readonly '~standard': {
    /** The version of the standard. */
    readonly version: 1
    /** The library that made the schema. */
    readonly vendor: string
    /** Checks a value, and gives the one to use or the issues found. */
    readonly validate: (value: unknown) => unknown
    /** Types only: what goes in, and what comes out. */
    readonly types?: { readonly input: unknown; readonly output: unknown } | undefined
  }
}

/**
 * A schema for the data of each event type; `message` for events that name none.
 *
 * @public
 */
export type EventSchemas = Readonly<Record<string, StandardSchema>>

/**
 * The {@link EventMap} that schemas describe: what handlers may send.
 *
 * @public
 */
export type EventsOf<Schemas extends EventSchemas> = {
  [Type in keyof Schemas]: NonNullable<Schemas[Type]['~standard']['types']>['input']
}

type Result =
  | { readonly value: unknown; readonly issues?: undefined }
  | { readonly issues: readonly Issue[] }

interface Issue {
  readonly message: string
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
}

/**
 * Checks that there is a schema for each event type.
 *
 * @throws {@link SseError} `ERR_SSE_INVALID_OPTION`.
 */
export function assertSchemas(schemas: EventSchemas): EventSchemas {
  if (typeof schemas !== 'object' || schemas === null) {
    const rule = '`events` must be an object with a schema for each event type'
    throw new SseError('ERR_SSE_INVALID_OPTION', `${rule}, got ${show(schemas)}`)
  }
  for (const [type, schema] of Object.entries(schemas)) {
    if (typeof schema?.['~standard']?.validate === 'function') continue
    const rule = 'must be a Standard Schema, such as those of zod, valibot and arktype'
    throw new SseError('ERR_SSE_INVALID_OPTION', `\`events.${type}\` ${rule}, got ${show(schema)}`)
  }
  return schemas
}

/**
 * Checks an event against the schema of its type.
 *
 * @returns The event to send, with what the schema made of its data.
 * @throws {@link SseError} `ERR_SSE_INVALID_EVENT` if no schema has this type, or the data does not match.
 */
export function checkEvent(event: EventInput, schemas: EventSchemas): EventInput {
  // No event at all, which the encoder says better.
  if (typeof event !== 'string' && (typeof event !== 'object' || event === null)) return event
  const {
    event: type = 'message',
    data,
    ...rest
  } = typeof event === 'string' ? ({ data: event } as ServerSentEvent) : event
  if (type === 'message' && data === undefined) return event
  const schema = Object.hasOwn(schemas, type) ? schemas[type] : undefined
  if (schema === undefined) {
    const known = Object.keys(schemas).join(', ')
    if (typeof event === 'string' || event.event === undefined) {
      throw new SseError(
        'ERR_SSE_INVALID_EVENT',
        `An event without \`event\` is a \`message\`, for which there is no schema; name one of: ${known}, got ${show(event)}`,
      )
    }
    throw new SseError(
      'ERR_SSE_INVALID_EVENT',
      `\`event\` must be one of ${known}, which have a schema, got ${show(type)}`,
    )
  }
  const result = schema['~standard'].validate(data) as Result | PromiseLike<Result>
  if (isThenable(result)) {
    swallow(result)
    throw new SseError(
      'ERR_SSE_INVALID_EVENT',
      `The schema of \`${type}\` must validate synchronously, or events would overtake each other, got a promise`,
    )
  }
  if (result.issues !== undefined) {
    throw new SseError(
      'ERR_SSE_INVALID_EVENT',
      `\`data\` of \`${type}\` must match its schema: ${result.issues.map(describe).join('; ')}, got ${show(data)}`,
    )
  }
  const checked: ServerSentEvent = { ...rest, data: result.value }
  return typeof event === 'object' && event.event !== undefined
    ? { event: type, ...checked }
    : checked
}

function describe({ message, path }: Issue): string {
  const keys = path?.map((part) => String(typeof part === 'object' ? part.key : part))
  return keys === undefined || keys.length === 0 ? message : `${keys.join('.')}: ${message}`
}
