import { createParser } from 'eventsource-parser'
import type { Emit, Opener } from './happening.ts'

/** Feeds text of an event stream to a parser that is not ours. */
export function parseInto(emit: Emit): (text: string) => void {
  let id = ''
  const parser = createParser({
    onId: (newId) => {
      id = newId
    },
    onEvent: ({ event = 'message', data }) => emit({ type: 'event', event, data, id }),
    onError: (error) => emit({ type: 'failed', why: String(error) }),
  })
  return (text) => parser.feed(text)
}

/** What is read of the response of any `fetch`. */
interface ResponseLike {
  readonly status: number
  readonly body: unknown
}

/** Reads event streams with a `fetch`. */
export function readWith(
  fetch: (
    url: string,
    init: { headers: Record<string, string>; signal: AbortSignal },
  ) => Promise<ResponseLike>,
): Opener {
  return (url, headers, emit) => {
    const controller = new AbortController()
    const { signal } = controller
    let reader: ReadableStreamDefaultReader<string> | undefined
    const read = async (): Promise<void> => {
      const { status, body } = await fetch(url, { headers, signal })
      if (status !== 200) return emit({ type: 'failed', why: `status ${status}` })
      emit({ type: 'open' })
      const parse = parseInto(emit)
      reader = (body as ReadableStream<BufferSource>)
        .pipeThrough(new TextDecoderStream())
        .getReader()
      for (;;) {
        const { done, value } = await reader.read()
        if (done) return emit({ type: 'end' })
        parse(value)
      }
    }
    read().catch((error: unknown) => {
      if (!signal.aborted) emit({ type: 'failed', why: String(error) })
    })
    return () => {
      controller.abort()
      // Deno does not hear of the abort once it has collected the response as garbage.
      reader?.cancel().catch(() => undefined)
    }
  }
}
