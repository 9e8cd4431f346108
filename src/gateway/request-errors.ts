/** `wsgi.errors` of a request (PEP 3333, "Input and Error Streams"): text for the server's log, with the request's name. */
import type { Events } from '../events.ts'
import type { ErrorStream } from './wsgi.ts'

export class RequestErrors implements ErrorStream {
  private readonly events: Events
  private readonly id: string

  constructor(events: Events, id: string) {
    this.events = events
    this.id = id
  }

  write(text: string): void {
    this.events.publish('errorsWritten', { text: String(text), id: this.id })
  }

  writelines(lines: Iterable<string>): void {
    this.write([...lines].join(''))
  }

  flush(): void {}
}
