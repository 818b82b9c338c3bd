const WARM_UP_ROUNDS = 2

/**
 * Measures everything in rounds whose order rotates, so that whatever else the machine does hits all alike.
 *
 * @returns for each round, the first ones left out, what was measured by its name.
 */
export async function inRounds<Measured>(
  names: readonly string[],
  count: number,
  measure: (name: string) => Promise<Measured>,
): Promise<((name: string) => Measured)[]> {
  const rounds: Map<string, Measured>[] = []
  for (let round = 0; round < count + WARM_UP_ROUNDS; round += 1) {
    const measured = new Map<string, Measured>()
    for (const [index] of names.entries()) {
      const name = names[(index + round) % names.length] as string
      measured.set(name, await measure(name))
    }
    if (round >= WARM_UP_ROUNDS) rounds.push(measured)
  }
  return rounds.map((measured) => (name) => measured.get(name) as Measured)
}

export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

/** The median, and the least and the most, as text. */
export function range(values: readonly number[]): string {
  const [least, most] = [Math.min(...values), Math.max(...values)].map((value) => value.toFixed(2))
  return `${median(values).toFixed(2)} (${least}–${most})`
}
