import { eventsource } from '../clients/eventsource.ts'
import { defineCutCases } from './cases.ts'

defineCutCases(eventsource, () => true)
