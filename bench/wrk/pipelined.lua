-- 16 requests in one write; wrk waits for the 16 answers before the next.
dofile('report.lua')

local batch

function init(args)
  batch = string.rep(wrk.format(), 16)
end

function request()
  return batch
end
