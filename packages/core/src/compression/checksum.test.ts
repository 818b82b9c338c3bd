import { randomBytes } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { checksum, joinChecksums, shiftOf } from './checksum.ts'

describe('joined checksums', () => {
  it.each([0, 1, 2, 3, 31, 32, 255, 650, 65_536, 100_003])(
    'are those of all bytes, with %i bytes after others',
    (length) => {
      for (const beforeLength of [0, 1, 17, 1_000]) {
        const [before, after] = [randomBytes(beforeLength), randomBytes(length)]
        const joined = joinChecksums(crc32(before), shiftOf(length), crc32(after))
        expect(joined >>> 0).toBe(crc32(Buffer.concat([before, after])))
        expect(joinChecksums(checksum(before, 0), shiftOf(length), checksum(after, 0))).toBe(joined)
      }
    },
  )
})
