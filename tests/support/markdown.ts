import { readFileSync } from 'node:fs'

const FENCED = /^(\s*)```[^]*?^\s*```\s*$/gm
const CODE_SPAN = /`[^`\n]*`/g
const LINK = /\]\((?<target>[^)\s]+)\)/g
const HEADING = /^#{1,6}\s+(?<text>.+?)\s*#*$/gm

/** The targets of all links of a Markdown file. */
export function linksOf(file: string): string[] {
  const prose = withoutCode(file).replace(CODE_SPAN, '``')
  return [...prose.matchAll(LINK)].map(({ groups }) => groups?.['target'] ?? '')
}

/** The anchors of its headings, as GitHub makes them. */
export function anchorsOf(file: string): string[] {
  const seen = new Map<string, number>()
  return headingsOf(file).map((heading) => {
    const slug = heading
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replace(/\s/g, '-')
    const count = seen.get(slug) ?? 0
    seen.set(slug, count + 1)
    return count === 0 ? slug : `${slug}-${count}`
  })
}

/** The texts of its headings. */
export function headingsOf(file: string): string[] {
  return [...withoutCode(file).matchAll(HEADING)].map(({ groups }) => groups?.['text'] ?? '')
}

function withoutCode(file: string): string {
  return readFileSync(file, 'utf8').replace(FENCED, '')
}
