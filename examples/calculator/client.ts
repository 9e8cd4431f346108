/** Calls the calculator: `npx tsx examples/calculator/client.ts http://127.0.0.1:8060`. */
import { JsonProxy, RpcError } from 'pulsar-wsgi/rpc/client'
import type { Root } from './methods.ts'

const proxy = new JsonProxy<Root>(`${process.argv[2] ?? 'http://127.0.0.1:8060'}/rpc`)

console.log('3 + 4 =', await proxy.calc.add(3, 4))
const [product, quotient] = await proxy.$batch((batch) => [batch.calc.multiply(6, 7), batch.calc.divide(1, 8)])
console.log('6 * 7 =', product, 'and 1 / 8 =', quotient)
try {
  await proxy.calc.divide(1, 0)
} catch (error) {
  if (!(error instanceof RpcError)) throw error
  console.log('1 / 0:', error.message, JSON.stringify(error.data))
}
const [path = []] = await proxy.calc.randompaths({ size: 10 })
console.log('a walk of', path.length, 'steps')
console.log('methods:', (await proxy.functions_list()).map(([name]) => name).join(', '))
