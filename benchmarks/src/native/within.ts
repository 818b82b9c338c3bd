// Nothing that is asked takes so long, not even what is hopelessly overloaded.
const LONGEST_MS = 120_000

/** Rejects when there is no answer: one of many processes that hangs would hold up all. */
export function within<Answer>(what: string, answer: Promise<Answer>): Promise<Answer> {
  let timer: NodeJS.Timeout | undefined
  const tooLong = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new Error(`No answer in ${LONGEST_MS / 1_000} s: ${what}`)),
      LONGEST_MS,
    )
  })
  return Promise.race([answer, tooLong]).finally(() => clearTimeout(timer))
}
