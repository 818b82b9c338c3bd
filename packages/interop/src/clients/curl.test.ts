import { describe } from 'vitest'
import { defineClientCases } from './cases/define-cases.ts'
import { curlClients, findCurl } from './curl.ts'

const curl = findCurl()

describe.skipIf(curl === undefined)('curl', () => {
  defineClientCases({ reader: curl === undefined ? [] : curlClients(curl) })
})
