-- One host, asked by many processes as if by one. KEYS[1] is the beginning of all names; ARGV: the
-- host, milliseconds between requests, requests at a time, the request's own name, milliseconds
-- after which it counts as lost, the run. Returns 0 where it may be sent now, or milliseconds to wait.
--
-- sent:HOST  string  when the last request was granted, and milliseconds that it asked for
-- busy:HOST  zset    requests that are under way, by when they count as lost
-- gates:RUN  hash    the run's requests that are under way: the host of each

local host, delay, most, name, lost = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4], tonumber(ARGV[5])
local BUSY = 20
-- Milliseconds for which a grant is remembered: no host is asked more slowly than that.
local REMEMBERED = 600000
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local busy, sent, gates = KEYS[1] .. 'busy:' .. host, KEYS[1] .. 'sent:' .. host, KEYS[1] .. 'gates:' .. ARGV[6]

redis.call('ZREMRANGEBYSCORE', busy, '-inf', now)
-- Asked once more, because the connection broke before the answer came.
if redis.call('ZSCORE', busy, name) then return 0 end
local last, asked = string.match(redis.call('GET', sent) or '', '^(%d+) (%d+)$')
-- A grant that lies ahead was given before the clock was set back.
if last and tonumber(last) <= now then
  local wait = tonumber(last) + math.max(delay, tonumber(asked)) - now
  if wait > 0 then return wait end
end
if redis.call('ZCARD', busy) >= most then return BUSY end
redis.call('SET', sent, string.format('%.0f %.0f', now, delay), 'PX', math.max(delay, REMEMBERED))
redis.call('ZADD', busy, string.format('%.0f', now + lost), name)
redis.call('PEXPIRE', busy, lost)
redis.call('HSET', gates, name, host)
redis.call('PEXPIRE', gates, lost)
return 0
