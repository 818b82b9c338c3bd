import { setTimeout } from 'node:timers/promises'
import { DOCUMENTS, type Document } from './documents.ts'
import { overlap, termsOf } from './terms.ts'

const MOST_RETRIEVED = 5
const MOST_RERANKED = 3
// Documents that fit much worse than the best one only distract the model.
const LEAST_SHARE_OF_BEST = 0.4

/** How a stage of the search is run. */
export interface StageOptions {
  /** Stops the stage: it rejects. */
  readonly signal: AbortSignal
  /** How long in ms the stage takes: it stands in for an index that is reached over the network. */
  readonly delayMs: number
}

/** Finds the documents that share the most words with the question. */
export async function retrieve(
  question: string,
  { signal, delayMs }: StageOptions,
): Promise<Document[]> {
  await setTimeout(delayMs, undefined, { signal })
  const terms = termsOf(question)
  return rank(DOCUMENTS, (document) => overlap(terms, wordsOf(document)))
    .slice(0, MOST_RETRIEVED)
    .map(({ document }) => document)
}

/** Keeps the documents that fit the question best, the best one first. */
export async function rerank(
  question: string,
  documents: readonly Document[],
  { signal, delayMs }: StageOptions,
): Promise<Document[]> {
  await setTimeout(delayMs, undefined, { signal })
  const terms = termsOf(question)
  return rank(documents, (document) => fit(terms, document))
    .filter(({ score }, _index, [best]) => score >= LEAST_SHARE_OF_BEST * (best?.score ?? 0))
    .slice(0, MOST_RERANKED)
    .map(({ document }) => document)
}

function rank(
  documents: readonly Document[],
  scoreOf: (document: Document) => number,
): { document: Document; score: number }[] {
  return documents
    .map((document) => ({ document, score: scoreOf(document) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score || a.document.id - b.document.id)
}

/** Rare terms count more than common ones, and those in the title twice as much as those in the text. */
function fit(terms: ReadonlySet<string>, { title, text }: Document): number {
  const inTitle = termsOf(title)
  const inText = termsOf(text)
  let score = 0
  for (const term of terms) {
    score += rarity(term) * (Number(inText.has(term)) + 2 * Number(inTitle.has(term)))
  }
  return score
}

/** The inverse document frequency of a term. */
function rarity(term: string): number {
  const having = DOCUMENTS.filter((document) => termsOf(wordsOf(document)).has(term)).length
  return Math.log(1 + DOCUMENTS.length / (1 + having))
}

function wordsOf({ title, text }: Document): string {
  return `${title} ${text}`
}
