// Fails when something has become much slower, or larger, than it was: `npm run bench:check`.
//
//   node benchmarks/src/check.ts [group …]    all groups of check/bounds.ts, or some
//
// Nothing is compared with a time: each row is a ratio to the same done by hand in the same run, in many short windows
// that take turns, and a row fails only if it exceeds its bound in each of three attempts. So it does not mind what
// machine it runs on, nor what else that machine does. The bounds are in check/bounds.ts.
import { BOUNDS, type Bound, type Group } from './check/bounds.ts'
import { MEASURE } from './check/measure.ts'

const ATTEMPTS = 3

const groups = process.argv.slice(2)
let open = BOUNDS.filter(({ group }) => groups.length === 0 || groups.includes(group))
if (open.length === 0) throw new Error(`There is no group ${groups.join(', ')}`)
for (let attempt = 1; attempt <= ATTEMPTS && open.length > 0; attempt += 1) {
  if (attempt > 1)
    console.log(`\nAgain, because of ${open.length}: attempt ${attempt} of ${ATTEMPTS}`)
  const missed: Bound[] = []
  for (const group of new Set(open.map((bound) => bound.group))) {
    missed.push(
      ...(await check(
        group,
        open.filter((bound) => bound.group === group),
      )),
    )
  }
  open = missed
}
if (open.length > 0) {
  const list = open.map(({ what, most }) => `${what} (at most × ${most} of what it takes by hand)`)
  console.error(`\nSlower than allowed in each of ${ATTEMPTS} attempts: ${list.join('; ')}.`)
  console.error(
    'The bounds, and what they were measured from, are in benchmarks/src/check/bounds.ts.',
  )
  process.exitCode = 1
} else {
  console.log('\nAll within their bounds.')
}

/** @returns the rows that exceed their bounds. */
async function check(group: Group, bounds: readonly Bound[]): Promise<Bound[]> {
  const startedAt = performance.now()
  const ratios = await MEASURE[group]()
  console.log(`${group}, ${((performance.now() - startedAt) / 1_000).toFixed(1)} s`)
  return bounds.filter(({ row, what, most }) => {
    const ratio = ratios.get(row) ?? Number.NaN
    // What could not be measured is not within its bound.
    const isWithin = ratio <= most
    console.log(
      `  ${isWithin ? 'ok  ' : 'MISS'} × ${ratio.toFixed(2)} of at most ${most.toFixed(2)}  ${what}`,
    )
    return !isWithin
  })
}
