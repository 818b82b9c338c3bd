import { describeRuntime } from './behaviour.ts'
import { findBun } from './runtimes.ts'

describeRuntime('Bun', findBun(), { seesClientLeave: true })
