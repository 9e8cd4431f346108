/** Conversions by Fastify: schemas in, schemas out; it is made ready before the server serves, and closed when it has stopped. */
import fastify from 'fastify'

const factors = { m: 1, km: 1000, mi: 1609.344, ft: 0.3048 } as const
const units = Object.keys(factors) as (keyof typeof factors)[]

interface Query {
  readonly value: number
  readonly from: keyof typeof factors
  readonly to: keyof typeof factors
}

const app = fastify()

app.get<{ Querystring: Query }>('/lengths', {
  schema: {
    querystring: {
      type: 'object', required: ['value', 'from', 'to'],
      properties: { value: { type: 'number' }, from: { enum: units }, to: { enum: units } },
    },
    response: { 200: { type: 'object', properties: { value: { type: 'number' }, unit: { type: 'string' } } } },
  },
}, async ({ query: { value, from, to } }) => ({ value: value * factors[from] / factors[to], unit: to }))

app.addHook('onReady', async () => { console.log('ready') })
app.addHook('onClose', async () => { console.log('closed') })

export default app
