/** A WSGI callable in TypeScript. */
import type { Environ, StartResponse } from 'pulsar-wsgi'

const started = Date.now()

export default function status(environ: Environ, startResponse: StartResponse): Buffer[] {
  startResponse('200 OK', [['Content-Type', 'application/json']])
  return [Buffer.from(JSON.stringify({ process: process.pid, seconds: Math.round((Date.now() - started) / 1000), mountedAt: environ.SCRIPT_NAME }))]
}
