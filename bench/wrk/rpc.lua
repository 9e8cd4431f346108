-- A call of JSON-RPC.
dofile('report.lua')
wrk.method = 'POST'
wrk.body = '{"jsonrpc":"2.0","method":"add","params":[19,23],"id":7}'
wrk.headers['Content-Type'] = 'application/json'
