import { Router } from '../../dist/index.js'
import { JSONRPC } from '../../dist/rpc/index.js'

class Calculator extends JSONRPC {
  rpcAdd(_request, a, b) {
    return a + b
  }
}

export default new Router('/rpc', { post: new Calculator() })
