import { describe } from 'vitest'
import { compressingCurlClients, findCurl } from '../clients/curl.ts'
import { defineCompressedCases } from './cases.ts'

const curl = findCurl()

describe.skipIf(curl === undefined)('curl', () => {
  defineCompressedCases(curl === undefined ? [] : compressingCurlClients(curl))
})
