// Words that say nothing about what a text is about.
const STOP_WORDS = new Set(
  `a about after an and any are as at be before by can do does for from get happen happens has have
   how i if in into is it its may me my no not of on or should so than that the their them then there
   they this to was we what when where which who why will with you your`.split(/\s+/),
)

/** The words of a text that are worth comparing, each once, without the endings of English. */
export function termsOf(text: string): Set<string> {
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []
  return new Set(words.filter((word) => !STOP_WORDS.has(word)).map(stem))
}

/** How many of the terms a text contains. */
export function overlap(terms: ReadonlySet<string>, text: string): number {
  const found = termsOf(text)
  return [...terms].filter((term) => found.has(term)).length
}

function stem(word: string): string {
  return word.length > 4 ? word.replace(/(?:ies|ings?|ions?|ed|es|s|y|e)$/, '') : word
}
