// A sequence of events is the same in every run.
const WORDS = 'alpha beta gamma delta epsilon zeta eta theta iota kappa lambda omega'.split(' ')

function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    return state / 4_294_967_296
  }
}

/** An event of about 650 bytes, as an application sends them: the same names, other values. */
export function documentEvent(number: number): { event: string; data: object } {
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
