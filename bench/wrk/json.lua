-- POST of a small JSON document.
dofile('report.lua')
wrk.method = 'POST'
wrk.body = '{"a":1,"b":["c"]}'
wrk.headers['Content-Type'] = 'application/json'
