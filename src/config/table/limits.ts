import type { Rows } from '../row.ts'

export const limits = {
  limitRequestLine: {
    type: 'bytes', default: 8190, min: 1, max: 16_777_216,
    text: 'The longest request line; a longer one gets 414.',
  },
  limitRequestFields: {
    type: 'count', default: 100, min: 1, max: 65_536,
    text: 'The most field lines in the head of a request; more get 431.',
  },
  limitRequestFieldSize: {
    type: 'bytes', default: 8190, min: 1, max: 16_777_216,
    text: 'The longest field line of a request; a longer one gets 431.',
  },
  limitRequestHead: {
    type: 'bytes', default: 65_536, min: 1, max: 16_777_216,
    text: 'The longest head of a request, request line and all fields; a longer one gets 431. It holds for trailers too.',
  },
  limitRequestBody: {
    type: 'bytes', default: 0, min: 0,
    text: 'The longest body of a request, announced or counted; a longer one gets 413. 0 is no limit.',
  },
} as const
limits satisfies Rows
