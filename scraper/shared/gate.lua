-- One host, asked by many processes as if by one. KEYS[1] is the beginning of all names; ARGV: the
-- host, milliseconds between requests, requests at a time, the request's own name, milliseconds
-- after which it counts as lost, the run. Returns 0 where it may be sent now, or milliseconds to wait.
--
-- next:HOST  string  when the next request may be sent
-- busy:HOST  zset    requests that are under way, by when they count as lost
-- gates:RUN  hash    the run's requests that are under way: the host of each

local host, delay, most, name, lost = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4], tonumber(ARGV[5])
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local busy, next = KEYS[1] .. 'busy:' .. host, KEYS[1] .. 'next:' .. host

redis.call('ZREMRANGEBYSCORE', busy, '-inf', now)
local free = tonumber(redis.call('GET', next) or '0')
if free > now then return free - now end
if redis.call('ZCARD', busy) >= most then return 20 end
if delay >= 1 then
  redis.call('SET', next, string.format('%.0f', now + delay), 'PX', math.ceil(delay) + 1000)
end
redis.call('ZADD', busy, string.format('%.0f', now + lost), name)
redis.call('PEXPIRE', busy, lost)
redis.call('HSET', KEYS[1] .. 'gates:' .. ARGV[6], name, host)
return 0
