import { undiciEventSource } from '../clients/undici.ts'
import { defineCutCases } from './cases.ts'

defineCutCases(undiciEventSource, (adapter) => /^(core fetch|Express 5)/.test(adapter))
