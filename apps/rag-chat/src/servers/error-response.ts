import { BadQuestion } from '../chat/question.ts'

/** An ordinary JSON response for what was thrown before a stream began. */
export interface ErrorResponse {
  readonly status: 400 | 413 | 415 | 500
  /** In the form of the library's own refusals, so that clients read one form only. */
  readonly body: { readonly error: { readonly code: string; readonly message: string } }
}

// What the body parsers of the frameworks throw says so in `status`.
const BODY_ERRORS = {
  400: ['invalid-json', 'The body must be a JSON object. Send {"question": "…"}.'],
  413: ['body-too-large', 'The body must not be larger than 100 kB. Ask a shorter question.'],
  415: ['unsupported-body', 'The body must be JSON in UTF-8. Send {"question": "…"}.'],
} as const

/** Says what a client did wrong, and nothing about what went wrong in the server. */
export function errorResponse(error: unknown): ErrorResponse {
  if (error instanceof BadQuestion) return toResponse(400, 'invalid-question', error.message)
  const { status } = Object(error) as { status?: unknown }
  if (status === 400 || status === 413 || status === 415) {
    const [code, message] = BODY_ERRORS[status]
    return toResponse(status, code, message)
  }
  console.error(error)
  return toResponse(500, 'internal', 'Internal server error')
}

function toResponse(status: ErrorResponse['status'], code: string, message: string): ErrorResponse {
  return { status, body: { error: { code, message } } }
}
