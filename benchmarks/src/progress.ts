let written = 0

/** Says what is measured now, of what takes minutes. Not in logs, where it would be hundreds of lines. */
export function progress(text: string): void {
  if (!process.stderr.isTTY) return
  process.stderr.write(`\r${text.padEnd(written)}${text === '' ? '\r' : ''}`)
  written = text.length
}
