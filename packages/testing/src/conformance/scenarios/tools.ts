import type { EventInput, EventStream } from '@sse/core'
import { logSource, type SourceLog } from '../recorder.ts'
import type { Scene } from '../scenario.ts'

type Events = AsyncGenerator<EventInput, void, undefined>

/** What a source needs to know where it runs. */
export type Place = Omit<Scene, 'request'>

/** A generator of what `body` generates, which is noted when it starts and when it cleans up. */
export async function* tracked(
  { recorder }: Place,
  body: (log: SourceLog) => AsyncIterable<EventInput> | Iterable<EventInput>,
): Events {
  const log = logSource(recorder)
  try {
    for await (const event of body(log)) {
      log.produced += 1
      yield event
    }
  } finally {
    log.clean()
  }
}

/** The events of the stage; then nothing, until the gate `end` opens, if the stage is held. */
export async function* stageEvents({ stage }: Place): Events {
  yield* stage.events
  if (stage.isHeld) await stage.pass('end')
}

/** No events, and the end once `over` has resolved. */
export async function* silence(over: Promise<unknown>): Events {
  await over
  yield* []
}

/** Resolves when an event stream ends. */
export function aborted({ signal }: Pick<EventStream, 'signal'>): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
