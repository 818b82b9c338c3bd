import type { HandlerDefinition } from './scenario.ts'
import { CHANNEL_HANDLERS } from './scenarios/channels.ts'
import { FAILURE_HANDLERS } from './scenarios/failures.ts'
import { FLOOD_HANDLERS } from './scenarios/floods.ts'
import { LIFE_HANDLERS } from './scenarios/lives.ts'
import { SOURCE_HANDLERS } from './scenarios/sources.ts'

export { RESPONDERS } from './scenarios/responders.ts'

/** All routes with a handler, the same for all adapters. */
export const HANDLERS: readonly HandlerDefinition[] = [
  ...SOURCE_HANDLERS,
  ...LIFE_HANDLERS,
  ...FLOOD_HANDLERS,
  ...FAILURE_HANDLERS,
  ...CHANNEL_HANDLERS,
]
