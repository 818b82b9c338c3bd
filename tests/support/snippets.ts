import { readFileSync } from 'node:fs'

/** A fenced TypeScript block of a Markdown file or of a doc comment. */
export interface Snippet {
  file: string
  /** Line of the file that holds the first line of the code. */
  line: number
  /** What follows the opening fence, for example `ts`. */
  info: string
  code: string
}

// A fence inside a doc comment follows ` * `, one in a list is indented.
const FENCE = /^(?<lead>\s*(?:\*\s)?\s*)```(?<info>.*)$/
const TYPESCRIPT = /^(?:ts|tsx|mts|cts|typescript)\b/i

export function snippetsOf(file: string): Snippet[] {
  const lines = readFileSync(file, 'utf8').split('\n')
  const isCode = file.endsWith('.ts')
  const found: Snippet[] = []
  for (let index = 0; index < lines.length; index++) {
    const open = FENCE.exec(lines[index] ?? '')?.groups
    if (!open || (isCode && !open['lead']?.includes('*'))) continue
    const end = lines.findIndex(
      (text, at) => at > index && FENCE.exec(text)?.groups?.['info']?.trim() === '',
    )
    const body = lines.slice(index + 1, end === -1 ? undefined : end)
    const info = (open['info'] ?? '').trim()
    if (TYPESCRIPT.test(info)) {
      found.push({
        file,
        line: index + 2,
        info,
        code: body.map((text) => undent(text, open['lead'])).join('\n'),
      })
    }
    index += body.length + 1
  }
  return found
}

function undent(text: string, lead = ''): string {
  return text.startsWith(lead) ? text.slice(lead.length) : text.replace(/^\s*\*?\s?/, '')
}
