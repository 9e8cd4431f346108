-- POST of 1 MiB.
dofile('report.lua')
wrk.method = 'POST'
wrk.body = string.rep('0123456789abcdef', 65536)
wrk.headers['Content-Type'] = 'application/octet-stream'
