-- What runs find, want and take: the verbs of the table of pages.

-- now, key, then names and values: 1 where the address was new
function verbs.add(now, key, ...)
  if redis.call('EXISTS', page(key)) == 1 then return 0 end
  redis.call('HSET', page(key), ...)
  redis.call('HINCRBY', p .. 'counts', redis.call('HGET', page(key), 'host'), 1)
  queue(key, now)
  return 1
end

function verbs.want(now, key, rank, lastmod)
  local r = redis.call('HMGET', page(key), 'host', 'lease', 'rank')
  if not r[1] or r[2] then return end
  if r[3] and tonumber(r[3]) > tonumber(rank) then rank = r[3] end
  redis.call('HSET', page(key), 'rank', rank, 'due', '0')
  if lastmod ~= '' then redis.call('HSET', page(key), 'lastmod', lastmod) end
  queue(key, now)
end

-- A start that this crawl has fetched already, for another run, is not fetched again.
function verbs.want_start(now, key, rank, began)
  local last = redis.call('HGET', page(key), 'last_fetched')
  if not (last and tonumber(last) >= tonumber(began)) then verbs.want(now, key, rank, '') end
  if redis.call('EXISTS', page(key)) == 1 then redis.call('HSET', page(key), 'depth', '0') end
end

function verbs.pass_over(now, key, instead, url, never)
  local known = redis.call('HMGET', page(key), 'host', 'lease', 'last_fetched')
  if known[1] then
    if known[2] or known[3] then return end
    redis.call('HSET', page(key), 'due', never)
    redis.call('HDEL', page(key), 'rank')
  else
    local of = redis.call('HMGET', page(instead), 'host', 'kind', 'depth', 'first_seen')
    if not of[1] or key == instead then return end
    redis.call('HSET', page(key), 'key', key, 'url', url, 'host', of[1], 'kind', of[2], 'depth', of[3],
      'guessed', '0', 'due', never, 'lost', '0', 'failures', '0', 'missing', '0',
      'first_seen', of[4], 'moved_to', instead)
    redis.call('HINCRBY', p .. 'counts', of[1], 1)
  end
  queue(key, now)
end

function verbs.bring_back(now, key) bring_back(key, now) end

function verbs.note_lastmod(key, lastmod)
  if redis.call('EXISTS', page(key)) == 1 then redis.call('HSET', page(key), 'lastmod', lastmod) end
end

local function due(host, horizon, began, most)
  if horizon == 'inf' then
    return redis.call('ZRANGEBYSCORE', p .. 'fetched:' .. host, '-inf', '(' .. began, 'LIMIT', 0, most)
  end
  return redis.call('ZRANGEBYSCORE', p .. 'due:' .. host, '-inf', horizon, 'LIMIT', 0, most)
end

-- For each host: 1 where it has a row to take
function verbs.ready(now, horizon, began, ...)
  local told = {}
  for i, host in ipairs({...}) do
    local some = redis.call('ZCARD', p .. 'wanted:' .. host) > 0
      or redis.call('ZCOUNT', p .. 'later:' .. host, '-inf', now) > 0
      or #due(host, horizon, began, 1) > 0
    told[i] = some and 1 or 0
  end
  return told
end

-- When the first of the wanted rows of these hosts may be fetched; nothing where there is none
function verbs.next_wanted(...)
  local first
  for _, host in ipairs({...}) do
    if redis.call('ZCARD', p .. 'wanted:' .. host) > 0 then return '0' end
    local later = redis.call('ZRANGE', p .. 'later:' .. host, 0, 0, 'WITHSCORES')[2]
    if later and not (first and tonumber(first) <= tonumber(later)) then first = later end
  end
  return first
end

-- The rows that a run took last, once more: where its connection broke, it has not heard of them.
local function took_last(run, nth)
  local took = redis.call('HMGET', p .. 'took:' .. run, 'nth', 'rows')
  if took[1] ~= nth then return nil end
  local rows = cjson.decode(took[2])
  for i = 2, #rows do rows[i] = redis.call('HGETALL', page(rows[i])) end
  return rows
end

-- host, now, horizon, began, limit, of these for rows that are due, run, its number of this call
function verbs.take(host, now, horizon, began, limit, for_due, run, nth)
  local before = took_last(run, nth)
  if before then return before end
  for _, key in ipairs(redis.call('ZRANGEBYSCORE', p .. 'later:' .. host, '-inf', now)) do
    queue(key, now)
  end
  limit, for_due = tonumber(limit), tonumber(for_due)
  local first = for_due > 0 and due(host, horizon, began, for_due) or {}
  local keys = {}
  if limit > #first then
    keys = redis.call('ZRANGE', p .. 'wanted:' .. host, 0, limit - #first - 1)
  end
  local room = limit - #keys
  local all_due = for_due == 0 and 1 or 0
  if for_due > 0 and #first < room then
    first = due(host, horizon, began, room)
    all_due = #first < room and 1 or 0
  end
  for _, key in ipairs(first) do keys[#keys + 1] = key end
  if #keys == 0 then return {all_due} end
  require_session(run)
  for _, key in ipairs(keys) do lease(key, host, run) end
  renew(run)
  redis.call('HSET', p .. 'took:' .. run, 'nth', nth, 'rows', cjson.encode({all_due, unpack(keys)}))
  return took_last(run, nth)
end

function verbs.lease(key, run)
  local r = redis.call('HMGET', page(key), 'host', 'lease')
  if not r[1] or (r[2] and r[2] ~= run) then return 0 end
  require_session(run)
  lease(key, r[1], run)
  renew(run)
  return 1
end

function verbs.set_aside(key)
  local host = redis.call('HGET', page(key), 'host')
  if host then redis.call('SREM', p .. 'flight:' .. host, key) end
end

function verbs.release(now, run, key)
  if redis.call('HGET', page(key), 'lease') ~= run then return end
  unlease(key, run)
  queue(key, now)
end

-- run, rows as JSON that it has brought to an end and will tell of
function verbs.release_run(now, run, ended)
  local keep = {}
  for _, key in ipairs(cjson.decode(ended)) do keep[key] = true end
  for _, key in ipairs(redis.call('SMEMBERS', p .. 'leased:' .. run)) do
    if not keep[key] then verbs.release(now, run, key) end
  end
end

function verbs.postpone(now, run, key, till)
  if redis.call('HGET', page(key), 'lease') ~= run then return end
  redis.call('HSET', page(key), 'due', till)
  redis.call('HSETNX', page(key), 'rank', '0')
  unlease(key, run)
  queue(key, now)
end

function verbs.taken_elsewhere(run, ...)
  for _, host in ipairs({...}) do
    for _, key in ipairs(redis.call('SMEMBERS', p .. 'flight:' .. host)) do
      if redis.call('HGET', page(key), 'lease') ~= run then return 1 end
    end
  end
  return 0
end

return verbs[verb](unpack(ARGV, 2))
