import * as zlib from 'node:zlib'

// The polynomial of CRC-32 (RFC 1952, section 8), the lowest power in the highest bit.
const POLYNOMIAL = 0xedb8_8320 | 0
const ONE = 0x8000_0000 | 0

/** The CRC-32 of bytes that come after others. */
export function checksum(bytes: Uint8Array, before: number): number {
  return zlib.crc32(bytes, before)
}

/** What `length` bytes do to the checksum of what comes before them: the power x ** (8 * length). */
export function shiftOf(length: number): number {
  let power = ONE
  // x ** 8, then its squares.
  let square = ONE >>> 8
  for (let left = length; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) power = multiply(square, power)
    square = multiply(square, square)
  }
  return power
}

/**
 * The checksum of what comes before and some bytes after it, of which only their own checksum and their shift are
 * needed: for those who get the same bytes after different ones, this takes a tenth of the time.
 */
export function joinChecksums(before: number, shift: number, after: number): number {
  return (multiply(shift, before) ^ after) >>> 0
}

/** Multiplies polynomials over GF(2), modulo that of the checksum. Without branches, which would be guessed wrong. */
function multiply(a: number, b: number): number {
  let product = 0
  let shifted = b | 0
  for (let bits = a | 0; bits !== 0; bits <<= 1) {
    product ^= shifted & (bits >> 31)
    shifted = (shifted >>> 1) ^ (POLYNOMIAL & -(shifted & 1))
  }
  return product
}
