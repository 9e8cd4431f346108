/** What a fetch request is made of: an exchange has it all, and an environ with its connection. */
import type { Exchange } from '../exchange.ts'

export type RequestSource = Pick<Exchange, 'id' | 'head' | 'peer' | 'body' | 'closed' | 'clientEnded' | 'informational' | 'upgrade' | 'onClose' | 'onClientEnd'>
