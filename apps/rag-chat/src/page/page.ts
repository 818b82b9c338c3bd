import { readFileSync } from 'node:fs'

// One response holds all of it: a page that only needs itself.
const PAGE = read('index.html')
  .replace('/* style.css */', () => read('style.css'))
  .replace('/* script.mjs */', () => read('script.mjs'))

/** The page in which one asks, for the server of one framework. */
export function pageFor(framework: string): string {
  return PAGE.replaceAll('{{framework}}', framework)
}

function read(name: string): string {
  return readFileSync(new URL(name, import.meta.url), 'utf8')
}
