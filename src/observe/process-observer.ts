/** What a process that serves knows of itself: counts for metrics, rows for the dashboard. */
import type { Events } from '../events.ts'
import type { Gateway } from '../gateway/exchange.ts'
import type { Service, ServiceProcess } from '../gateway/service.ts'
import { webSocketCounts } from '../gateway/web-socket-counts.ts'
import { applicationFamilies } from './application-metrics.ts'
import type { Family } from './metrics/families.ts'
import { ProcessGauges, type ProcessFigures } from './metrics/process-gauges.ts'
import { counter, gauge, RequestCounters } from './metrics/request-counters.ts'
import { RequestWatch, type PastRequest, type RunningRequest } from './metrics/request-watch.ts'
import type { Report } from './metrics/totals.ts'

/** What is told once a second, and when somebody asks. */
export type ProcessReport = Report & {
  readonly figures: ProcessFigures
  readonly inFlight: number
  readonly webSockets: number
  readonly queue: number
  readonly python: readonly ServiceProcess[]
}

export type ProcessRequests = {
  readonly running: readonly RunningRequest[]
  readonly slowest: readonly PastRequest[]
  readonly failed: readonly PastRequest[]
}

/** What only the server itself knows. */
export interface ServerFigures {
  readonly connections: number
  readonly services: readonly Service[]
}

export class ProcessObserver {
  private readonly counters: RequestCounters
  private readonly watch: RequestWatch
  private readonly gauges = new ProcessGauges()

  /** @param kind of the application, for metrics */
  constructor(events: Events, kind: string) {
    this.counters = new RequestCounters(kind)
    this.watch = new RequestWatch(this.counters)
    events.subscribe('refused', ({ cause }) => this.counters.refuse(cause))
  }

  around(gateway: Gateway): Gateway {
    return this.watch.around(gateway)
  }

  requests(): ProcessRequests {
    const { watch } = this
    return { running: watch.requests(), slowest: watch.slowest(), failed: watch.failures() }
  }

  report({ connections, services }: ServerFigures): ProcessReport {
    const figures = this.gauges.figures()
    const python = services.flatMap((service) => service.processes?.() ?? [])
    const queue = services.reduce((sum, service) => sum + (service.waiting?.() ?? 0), 0)
    const { inFlight } = this.watch
    const { open } = webSocketCounts()
    return {
      figures, inFlight, queue, python, webSockets: open,
      families: [...this.counters.families(), ...shared({ inFlight, connections, queue, python }), ...applicationFamilies()],
      own: own(figures),
    }
  }

  close(): void {
    this.gauges.close()
  }
}

interface Shared {
  readonly inFlight: number
  readonly connections: number
  readonly queue: number
  readonly python: readonly ServiceProcess[]
}

function shared({ inFlight, connections, queue, python }: Shared): readonly Family[] {
  const { open, opened, received, sent } = webSocketCounts()
  const pythonRows: readonly Family[] = python.length === 0 ? [] : [
    gauge('pulsar_python_workers', 'Python workers that take requests.', python.filter(({ state }) => state === 'ready').length),
    gauge('pulsar_python_workers_busy', 'Python workers that have requests.', python.filter(({ busy }) => busy > 0).length),
    gauge('pulsar_python_memory_bytes', 'Resident memory of all Python workers.', python.reduce((sum, { memory }) => sum + memory, 0)),
    gauge('pulsar_python_queue_length', 'Requests that wait for a Python worker.', queue),
  ]
  return [
    gauge('pulsar_requests_in_flight', 'Requests whose answer is not over.', inFlight),
    gauge('pulsar_connections', 'Connections that are open.', connections),
    gauge('pulsar_websockets', 'WebSocket connections that are open.', open),
    counter('pulsar_websockets_opened_total', 'WebSocket connections that were opened.', opened),
    {
      name: 'pulsar_websocket_messages_total', type: 'counter', help: 'Messages of WebSocket connections.', labels: ['direction'],
      series: [[['received'], [received]], [['sent'], [sent]]],
    },
    ...pythonRows,
  ]
}

function own({ loopDelay, loopDelayMax, utilisation, memory, heap, uptime }: ProcessFigures): readonly Family[] {
  return [
    gauge('pulsar_worker_event_loop_delay_seconds', 'How late timers came in the last second, 99th percentile.', loopDelay),
    gauge('pulsar_worker_event_loop_delay_max_seconds', 'How late a timer came in the last second at worst.', loopDelayMax),
    gauge('pulsar_worker_event_loop_utilisation', 'Part of the last second in which the event loop was busy.', utilisation),
    gauge('pulsar_worker_memory_bytes', 'Resident memory.', memory),
    gauge('pulsar_worker_heap_bytes', 'JavaScript heap in use.', heap),
    gauge('pulsar_worker_uptime_seconds', 'Since the process was started.', uptime),
  ]
}
