/**
 * One event as it came out of the parser.
 *
 * @public
 */
export interface ReceivedEvent {
  /** The event type: the value of the `event` field, `'message'` where it is absent or empty. */
  readonly event: string

  /** The values of the `data` fields, joined with `\n`; verbatim, so JSON is still text. */
  readonly data: string

  /** The `id` field of this very event: `undefined` where it had none, `''` where it was empty. */
  readonly id: string | undefined

  /**
   * The last event ID after this event, as a browser would show it in `MessageEvent.lastEventId`:
   * the latest `id` of this event or of any block before it, `''` if there was none.
   */
  readonly lastEventId: string

  /**
   * Parses `data` as JSON. The method is not enumerable, so that `toEqual` compares fields only.
   *
   * @returns The parsed value, which the type argument describes but nothing checks.
   * @throws SyntaxError, whose message quotes the event, if `data` is not JSON.
   */
  json<T = unknown>(): T
}

/** Makes an event of its parsed fields. */
export function createReceivedEvent(
  fields: Pick<ReceivedEvent, 'event' | 'data' | 'id' | 'lastEventId'>,
): ReceivedEvent {
  const json = () => parseJson(fields.event, fields.data)
  return Object.defineProperty({ ...fields }, 'json', { value: json }) as unknown as ReceivedEvent
}

function parseJson(event: string, data: string): unknown {
  try {
    return JSON.parse(data)
  } catch (cause) {
    throw new SyntaxError(`data of the event \`${event}\` is not JSON: ${JSON.stringify(data)}`, {
      cause,
    })
  }
}
