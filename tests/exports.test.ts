import { describe, expect, it } from 'vitest'
import { exportsOf } from './support/door-exports.ts'
import { publicPackages } from './support/workspace.ts'

// A new name is a promise for years. It shows up here, where a reviewer sees it. To accept it:
// node scripts/run.mjs exec vitest run --project repo exports -u
describe('exported names', () => {
  const doors = publicPackages.flatMap((each) => each.doors)
  const exported = exportsOf(doors.flatMap((door) => [door.source, ...door.others]))

  it.each(doors)('of $specifier are the reviewed ones', ({ source }) => {
    const names = exported.get(source) ?? []
    expect(names.map(({ name, typeOnly }) => (typeOnly ? `type ${name}` : name))).toMatchSnapshot()
  })

  it.each(doors)('of $specifier are the same on every runtime', ({ source, others }) => {
    for (const other of others) expect(exported.get(other)).toEqual(exported.get(source))
  })
})
