-- Each request on a connection of its own.
dofile('report.lua')
wrk.headers['Connection'] = 'close'
