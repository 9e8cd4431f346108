/** What can be called: pulsar's calculator, with its parameters checked by schemas. */
import { method, MethodTable, PulsarServerCommands, RpcError } from 'pulsar-wsgi/rpc'
import type { WsgiRequest } from 'pulsar-wsgi'
import { z } from 'zod'

const two = { params: z.tuple([z.number(), z.number()]), parameters: ['a', 'b'], result: z.number() } as const

export const calc = new MethodTable({
  add: method({ ...two, text: 'The sum.' }, ([a, b]) => a + b),
  subtract: method({ ...two, text: 'The difference.' }, ([a, b]) => a - b),
  multiply: method({ ...two, text: 'The product.' }, ([a, b]) => a * b),
  divide: method({ ...two, text: 'The quotient.' }, ([a, b]) => {
    if (b === 0) throw new RpcError(1, 'division by zero', { data: { dividend: a } })
    return a / b
  }),
  randompaths: method({
    params: z.object({
      paths: z.number().int().min(1).max(20).default(1),
      size: z.number().int().min(2).max(500).default(200),
      sigma: z.number().min(0).max(10).default(1),
    }),
    parameters: ['paths?', 'size?', 'sigma?'],
    text: 'Random walks: how many, of how many steps, and how wide these are.',
  }, ({ paths, size, sigma }) => Array.from({ length: paths }, () => walk(size, sigma))),
})

/** All methods: those of the calculator below `calc`, and what the server tells of itself beside them. */
export class Root extends PulsarServerCommands<{ readonly calc: typeof calc }> {
  /** Returns what JSON cannot say: an internal error. */
  rpc_dodgy_method(): bigint {
    return 1n
  }

  rpc_check_request(request: WsgiRequest): string {
    return `${request.method} ${request.path}`
  }
}

/** Steps are of a normal distribution (Box and Muller). */
function walk(size: number, sigma: number): number[] {
  let at = 0
  return Array.from({ length: size }, (_, i) => {
    if (i > 0) at += sigma * Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random())
    return Number(at.toFixed(4))
  })
}
