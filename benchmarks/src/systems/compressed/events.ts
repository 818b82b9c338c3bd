// A sequence of events is the same in every run.
const WORDS = 'alpha beta gamma delta epsilon zeta eta theta iota kappa lambda omega'.split(' ')

function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    return state / 4_294_967_296
  }
}

/** The events that are compressed. */
export type EventKind = 'document' | 'chunk'

/** Makes the events of a kind, by their number. */
export const EVENTS: Readonly<
  Record<EventKind, (number: number) => { readonly event: string; readonly data: object }>
> = { document: documentEvent, chunk: chunkEvent }

/** One token of an answer, in the form in which many language models stream it. */
function chunkEvent(number: number): { event: string; data: object } {
  const random = createRandom(number + 1)
  const word = WORDS[Math.floor(random() * WORDS.length)] ?? ''
  return {
    event: 'chunk',
    data: {
      number: 1_000_000 + number,
      id: 'chatcmpl-CVb2mD0sS4kEwq1p9yXhTz7uRjN3o',
      object: 'chat.completion.chunk',
      created: 1_732_579_200,
      model: 'gpt-4o-2024-08-06',
      service_tier: 'default',
      system_fingerprint: 'fp_560af6e559',
      choices: [{ index: 0, delta: { content: ` ${word}` }, logprobs: null, finish_reason: null }],
      usage: null,
    },
  }
}

/** An event of about 650 bytes, as an application sends them: the same names, and nearly all values others. */
function documentEvent(number: number): { event: string; data: object } {
  const random = createRandom(number + 1)
  const word = (): string => WORDS[Math.floor(random() * WORDS.length)] ?? ''
  const item = (): object => ({
    sku: Math.floor(random() * 1e9).toString(36),
    title: `${word()} ${word()}`,
    price: Math.round(random() * 10_000) / 100,
    tags: [word(), word()],
  })
  return {
    event: 'update',
    data: {
      number: 1_000_000 + number,
      at: 1_700_000_000_000 + number * 137,
      user: { id: Math.floor(random() * 1e12).toString(36), name: `${word()} ${word()}` },
      items: Array.from({ length: 6 }, item),
      note: `${word()} ${word()} ${word()} ${word()}`,
    },
  }
}
