import { overlap, termsOf } from '../retrieval/terms.ts'

const DOCUMENT = /^\[(?<id>\d+)\] (?<title>[^:]+): (?<text>.+)$/gm
const SENTENCE = /[^.]+\./g
const TOKEN = /\s*\S+/g
const NOTHING_FOUND = 'The documents say nothing about that.'

/** The part of a chat message that the demo model reads. */
export interface Message {
  readonly role: string
  readonly content?: unknown
}

/**
 * What the demo model answers, in tokens: of each document in the prompt the sentence that is closest to
 * the question. The same prompt always gets the same answer.
 */
export function answerTokens(messages: readonly Message[]): string[] {
  const terms = termsOf(textOf(messages.filter(({ role }) => role === 'user').at(-1)))
  const prompt = textOf(messages.find(({ role }) => role === 'system'))
  const sentences = [...prompt.matchAll(DOCUMENT)].map(({ groups }) => {
    const { id = '', text = '' } = groups ?? {}
    return `${closest(terms, text).replace(/\.$/, '')} [${id}].`
  })
  return (sentences.join(' ') || NOTHING_FOUND).match(TOKEN) ?? []
}

/** Counts tokens as the demo model does: by words. */
export function countTokens(messages: readonly Message[]): number {
  return messages.flatMap((message) => textOf(message).match(TOKEN) ?? []).length
}

function closest(terms: ReadonlySet<string>, text: string): string {
  const sentences = (text.match(SENTENCE) ?? [text]).map((sentence) => sentence.trim())
  const scores = sentences.map((sentence) => overlap(terms, sentence))
  return sentences[scores.indexOf(Math.max(...scores))] ?? ''
}

function textOf(message: Message | undefined): string {
  return typeof message?.content === 'string' ? message.content : ''
}
