import type { Rows } from '../row.ts'

export const timeouts = {
  timeout: {
    type: 'seconds', short: 't', default: 30,
    text: 'The longest that an application may take to begin its answer; then the client gets 504. 0 is no limit.',
  },
  headerTimeout: {
    type: 'seconds', default: 15,
    text: 'The longest that a client may take to send the whole head of a request; then it gets 408. 0 is no limit.',
  },
  bodyTimeout: {
    type: 'seconds', default: 30,
    text: 'The longest wait for the next byte of a request\'s body; then the client gets 408. 0 is no limit.',
  },
  sendTimeout: {
    type: 'seconds', default: 60,
    text: 'The longest that a client may take no byte of its answer; then the connection is cut. 0 is no limit.',
  },
  keepAlive: {
    type: 'seconds', default: 75,
    text: 'How long an idle connection is kept for the next request. 0 closes every connection after its answer.',
  },
  gracefulTimeout: {
    type: 'seconds', default: 30,
    text: 'How long requests under way may go on when the server stops; then they are ended. 0 ends them at once.',
  },
} as const
timeouts satisfies Rows
