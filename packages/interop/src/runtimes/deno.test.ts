import { describeRuntime } from './behaviour.ts'
import { findDeno } from './runtimes.ts'

describeRuntime('Deno', findDeno(), { seesClientLeave: true })
