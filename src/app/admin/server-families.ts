/** Metrics of the server as a whole, which no worker knows. */
import type { Status } from '../../observe/admin/status.ts'
import type { Family } from '../../observe/metrics/families.ts'
import { counter, gauge } from '../../observe/metrics/request-counters.ts'

export function serverFamilies({ version, node, uptime, generation, workers, wanted, reloads, failedReloads, workersDied }: Status): readonly Family[] {
  const states = ['starting', 'ready', 'silent', 'retiring'] as const
  return [
    { name: 'pulsar_info', type: 'gauge', help: 'Always 1.', labels: ['version', 'node'], series: [[[version, node], [1]]] },
    gauge('pulsar_uptime_seconds', 'Since the server was started.', uptime),
    gauge('pulsar_generation', 'Counts starts and reloads of the application.', generation),
    gauge('pulsar_workers_wanted', 'How many server processes are wanted.', wanted),
    {
      name: 'pulsar_workers', type: 'gauge', help: 'Server processes by state.', labels: ['state'],
      series: states.map((state) => [[state], [workers.filter((worker) => worker.state === state).length]]),
    },
    {
      name: 'pulsar_reloads_total', type: 'counter', help: 'Reloads that came to their end.', labels: ['outcome'],
      series: [[['done'], [reloads]], [['failed'], [failedReloads]]],
    },
    counter('pulsar_workers_died_total', 'Server processes that ended out of order, or were killed.', workersDied),
  ]
}
