import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { runInThisContext } from 'node:vm'

const requireHere = createRequire(import.meta.url)

/**
 * Takes functions out of the source of an installed package that does not export them. That is kinder to it than
 * its public way, which costs a promise and a stream besides.
 *
 * @returns the last one, which may call those before.
 */
export function privateFunction<Type>(
  packageName: string,
  file: string,
  names: readonly string[],
): Type {
  const source = readFileSync(join(folderOf(packageName), file), 'utf8')
  const functions = names.map((name) => {
    const found = new RegExp(`^function ${name} ?\\([^]*?^\\}`, 'm').exec(source)
    if (found === null) throw new Error(`${packageName} has no function ${name} any more`)
    return found[0]
  })
  const code = `(() => {\n${functions.join('\n')}\nreturn ${names.at(-1)}\n})()`
  return runInThisContext(code) as Type
}

/** The folder of an installed package. */
export function folderOf(packageName: string): string {
  return dirname(requireHere.resolve(`${packageName}/package.json`))
}
