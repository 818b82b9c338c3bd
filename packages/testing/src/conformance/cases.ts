import { CHANNEL_CASES } from './cases/channels.ts'
import { COMPRESSION_CASES } from './cases/compression.ts'
import { DEADLINE_CASES } from './cases/deadlines.ts'
import { DISCONNECT_CASES } from './cases/disconnects.ts'
import { IN_PROCESS_DISCONNECT_CASES } from './cases/disconnects-in-process.ts'
import { ERROR_CASES } from './cases/errors.ts'
import { FRAMING_CASES } from './cases/framing.ts'
import { HEADER_CASES } from './cases/headers.ts'
import { HEARTBEAT_CASES } from './cases/heartbeats.ts'
import { INJECTION_CASES } from './cases/injection.ts'
import { LIFE_CASES } from './cases/life.ts'
import { MEMORY_CASES } from './cases/memory.ts'
import { OPENING_CASES } from './cases/opening.ts'
import { PROTOCOL_CASES } from './cases/protocols.ts'
import { REQUEST_CASES } from './cases/requests.ts'
import { RESPOND_CASES } from './cases/respond.ts'
import { RESUME_CASES } from './cases/resume.ts'
import { RESUME_GAP_CASES } from './cases/resume-gaps.ts'
import { RUN_CASES } from './cases/runs.ts'
import { SHUTDOWN_CASES } from './cases/shutdown.ts'
import { SHUTDOWN_CONNECTION_CASES } from './cases/shutdown-connections.ts'
import { SLOT_RETURN_CASES } from './cases/slot-returns.ts'
import { SLOT_CASES } from './cases/slots.ts'
import { SLOW_SUBSCRIBER_CASES } from './cases/slow-subscribers.ts'
import { SOURCE_CASES } from './cases/sources.ts'
import type { ConformanceCase } from './conformance-case.ts'

/** The suite: what goes over the wire first, then how streams live and end. */
export const CASES: readonly ConformanceCase[] = [
  ...FRAMING_CASES,
  ...INJECTION_CASES,
  ...OPENING_CASES,
  ...HEADER_CASES,
  ...REQUEST_CASES,
  ...SOURCE_CASES,
  ...RESPOND_CASES,
  ...LIFE_CASES,
  ...DISCONNECT_CASES,
  ...IN_PROCESS_DISCONNECT_CASES,
  ...PROTOCOL_CASES,
  ...SLOT_CASES,
  ...SLOT_RETURN_CASES,
  ...MEMORY_CASES,
  ...HEARTBEAT_CASES,
  ...ERROR_CASES,
  ...DEADLINE_CASES,
  ...SHUTDOWN_CASES,
  ...SHUTDOWN_CONNECTION_CASES,
  ...CHANNEL_CASES,
  ...SLOW_SUBSCRIBER_CASES,
  ...RESUME_CASES,
  ...RESUME_GAP_CASES,
  ...RUN_CASES,
  ...COMPRESSION_CASES,
]
