/** An event of one stream. */
export interface Token {
  readonly event: string
  readonly id: string
  readonly data: string
}

/** What the child process is told. */
export interface OneStreamSettings {
  readonly system: string
  readonly events: number
}

/** Occurs once in each event, in whatever way it is sent, and nowhere else in the body. */
export const MARK = 'k'
export const DATA: string = 'x'.repeat(200)

/** What an application does to stream: a generator that has the next event at once. */
export async function* tokens(count: number): AsyncGenerator<Token, void, undefined> {
  for (let id = 0; id < count; id += 1) yield { event: 'token', id: String(id), data: DATA }
}
