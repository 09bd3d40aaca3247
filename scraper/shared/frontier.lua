-- What must happen in one go on the server. KEYS[1] is the beginning of all names, ARGV[1] the verb.
--
-- page:KEY      hash    a row: the fields of scraper.state.rows.Row that are known
-- wanted:HOST   zset    rows that are wanted now, the first one first
-- later:HOST    zset    rows that are wanted at a time
-- due:HOST      zset    rows that were fetched, by when they are due again
-- fetched:HOST  zset    the same, by when they were fetched
-- flight:HOST   set     rows that a run has taken and is busy with
-- leased:RUN    set     rows that the run has taken
-- claimed:RUN   set     articles that the run exports, and has not yet made safe
-- claim:KEY, article:KEY  hash  fields of scraper.state.rows.Exported
-- bodies        hash    by text and host: the article
-- claimed_bodies  hash  the same of claims
-- took:RUN      hash    what the run took last
-- session:RUN   string  there while the run is alive; milliseconds of silence that it is granted
-- sessions      set     runs that have begun and not ended
-- version       string  of all this: server.VERSION
--
-- busy:HOST and gates:RUN are of gate.lua.

local p, verb = KEYS[1], ARGV[1]
local FINER = 1000000000000 -- more than the milliseconds of thirty years
local SINCE = 1577836800 -- 2020
local MOST_LOST = 40
-- Milliseconds. A run that holds nothing keeps nobody waiting, and a start may take its time.
local IDLE = 600000
-- Seconds for which the last checkpoint of a run is kept: whoever was killed has begun again by then.
local KEPT = 90 * 86400

local function page(key) return p .. 'page:' .. key end

local function unqueue(key, host)
  redis.call('ZREM', p .. 'wanted:' .. host, key)
  redis.call('ZREM', p .. 'later:' .. host, key)
  redis.call('ZREM', p .. 'due:' .. host, key)
  redis.call('ZREM', p .. 'fetched:' .. host, key)
end

-- Those first that no killed run was busy with, then by rank, then by when they were found.
local function place(rank, lost, first_seen)
  local before = math.min(tonumber(lost or 0), MOST_LOST) * 200 + (100 - tonumber(rank))
  local moment = math.floor((tonumber(first_seen) - SINCE) * 1000)
  return string.format('%.0f', before * FINER + math.max(math.min(moment, FINER - 1), 0))
end

local function queue(key, now)
  local r = redis.call('HMGET', page(key), 'host', 'rank', 'due', 'lost', 'first_seen', 'last_fetched', 'lease')
  local host = r[1]
  if not host then return end
  unqueue(key, host)
  if r[7] then return end
  if r[2] then
    if tonumber(r[3]) > tonumber(now) then
      redis.call('ZADD', p .. 'later:' .. host, r[3], key)
    else
      redis.call('ZADD', p .. 'wanted:' .. host, place(r[2], r[4], r[5]), key)
    end
  elseif r[6] then
    redis.call('ZADD', p .. 'due:' .. host, r[3], key)
    redis.call('ZADD', p .. 'fetched:' .. host, r[6], key)
  end
end

-- A run that the others count as killed takes nothing any more: nobody would give it back.
local function require_session(run)
  if redis.call('EXISTS', p .. 'session:' .. run) == 1 then return end
  error(redis.call('EXISTS', p .. 'version') == 1 and 'SILENT' or 'EMPTIED')
end

local function renew(run)
  local silence = tonumber(redis.call('GET', p .. 'session:' .. run))
  local holds = redis.call('EXISTS', p .. 'leased:' .. run, p .. 'claimed:' .. run) > 0
  redis.call('PEXPIRE', p .. 'session:' .. run, holds and silence or math.max(silence, IDLE))
end

local function lease(key, host, run)
  redis.call('HSET', page(key), 'lease', run)
  unqueue(key, host)
  redis.call('SADD', p .. 'leased:' .. run, key)
  redis.call('SADD', p .. 'flight:' .. host, key)
end

local function unlease(key, run)
  redis.call('HDEL', page(key), 'lease')
  redis.call('SREM', p .. 'leased:' .. run, key)
  local host = redis.call('HGET', page(key), 'host')
  if host then redis.call('SREM', p .. 'flight:' .. host, key) end
end

local function body_at(sha, host) return sha .. ' ' .. host end

local function unclaim(key, run)
  local c = redis.call('HMGET', p .. 'claim:' .. key, 'run_id', 'body_sha256', 'host')
  if c[1] == run then
    if c[2] and c[3] then redis.call('HDEL', p .. 'claimed_bodies', body_at(c[2], c[3])) end
    redis.call('DEL', p .. 'claim:' .. key)
  end
  redis.call('SREM', p .. 'claimed:' .. run, key)
end

local function flat(fields)
  local all = {}
  for name, value in pairs(fields) do
    all[#all + 1] = name
    all[#all + 1] = value
  end
  return all
end

-- A run has ended: what it had not brought to an end is there for others.
local function leave(run, now, killed)
  for _, key in ipairs(redis.call('SMEMBERS', p .. 'leased:' .. run)) do
    if killed then
      redis.call('HINCRBY', page(key), 'lost', 1)
      redis.call('HSETNX', page(key), 'rank', '0')
    end
    unlease(key, run)
    queue(key, now)
  end
  for _, key in ipairs(redis.call('SMEMBERS', p .. 'claimed:' .. run)) do unclaim(key, run) end
  local gates = redis.call('HGETALL', p .. 'gates:' .. run)
  for i = 1, #gates, 2 do redis.call('ZREM', p .. 'busy:' .. gates[i + 1], gates[i]) end
  redis.call('DEL', p .. 'gates:' .. run)
  for _, of in ipairs({'leased:', 'claimed:', 'took:', 'session:'}) do redis.call('DEL', p .. of .. run) end
  redis.call('SREM', p .. 'sessions', run)
end

-- Runs that have said nothing for so long that their session is over were killed.
local function sweep(now)
  local lost = 0
  for _, run in ipairs(redis.call('SMEMBERS', p .. 'sessions')) do
    if redis.call('EXISTS', p .. 'session:' .. run) == 0 then
      lost = lost + redis.call('SCARD', p .. 'leased:' .. run)
      leave(run, now, true)
    end
  end
  return lost
end

local function bring_back(key, now)
  local r = redis.call('HMGET', page(key), 'host', 'rank', 'last_fetched')
  if r[1] and not r[2] and not r[3] then
    redis.call('HSET', page(key), 'rank', '0', 'due', '0')
    redis.call('HDEL', page(key), 'moved_to')
    queue(key, now)
  end
end

-- What a checkpoint makes durable; each takes the fields of its note.
local notes = {}

function notes.finish(n, run, now)
  redis.call('HDEL', page(n.key), 'rank', unpack(n.gone))
  redis.call('HSET', page(n.key), 'lost', '0', unpack(flat(n.fields)))
  unlease(n.key, run)
  queue(n.key, now)
end

function notes.archived(n)
  redis.call('HSET', page(n.key), unpack(flat(n.fields)))
end

function notes.put(n, run)
  local known = redis.call('HMGET', p .. 'article:' .. n.key, 'body_sha256', 'host')
  if known[1] and known[2] then redis.call('HDEL', p .. 'bodies', body_at(known[1], known[2])) end
  if known[2] then redis.call('HINCRBY', p .. 'exported', known[2], -1) end
  redis.call('DEL', p .. 'article:' .. n.key)
  redis.call('HSET', p .. 'article:' .. n.key, unpack(flat(n.fields)))
  local host, body = n.fields.host, n.fields.body_sha256
  if host then redis.call('HINCRBY', p .. 'exported', host, 1) end
  if host and body then redis.call('HSET', p .. 'bodies', body_at(body, host), n.key) end
  unclaim(n.key, run)
end

function notes.gone(n)
  local known = redis.call('HMGET', p .. 'article:' .. n.key, 'body_sha256', 'host', 'gone_at')
  if known[3] or redis.call('EXISTS', p .. 'article:' .. n.key) == 0 then return end
  redis.call('HSET', p .. 'article:' .. n.key, 'gone_at', n.at)
  if known[1] and known[2] then redis.call('HDEL', p .. 'bodies', body_at(known[1], known[2])) end
end

function notes.bring_back(n, run, now) bring_back(n.key, now) end

function notes.run(n, run)
  redis.call('HSET', p .. 'run:' .. run, unpack(flat(n.fields)))
  redis.call('EXPIRE', p .. 'run:' .. run, KEPT)
end

local verbs = {}

-- run, now, milliseconds of silence after which it counts as killed: when the crawl that it joins began
function verbs.join(run, now, silence)
  sweep(now)
  if redis.call('SCARD', p .. 'sessions') == 0 then
    redis.call('DEL', p .. 'crawl_runs')
    redis.call('SET', p .. 'began', now)
  end
  redis.call('SADD', p .. 'sessions', run)
  redis.call('SADD', p .. 'crawl_runs', run)
  redis.call('SET', p .. 'session:' .. run, silence)
  renew(run)
  return redis.call('GET', p .. 'began')
end

-- run, now, notes as JSON
function verbs.commit(run, now, said)
  require_session(run)
  for _, note in ipairs(cjson.decode(said)) do notes[note.verb](note, run, now) end
  renew(run)
  sweep(now)
end

function verbs.leave(run, now) leave(run, now, false) end

function verbs.bury(run, now) leave(run, now, true) end

function verbs.sweep(now) return sweep(now) end

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

-- run, key, body, host, run and content of the version before, then names and values: 1 where no other run
-- has claimed the article, or has exported it or its text in the meantime
function verbs.claim(run, key, body, host, version, ...)
  local other = redis.call('HGET', p .. 'claim:' .. key, 'run_id')
  if other and other ~= run then return 0 end
  local last = redis.call('HMGET', p .. 'article:' .. key, 'run_id', 'content_sha256')
  local seen = other or last[1] == run or (last[1] or '') .. ' ' .. (last[2] or '') == version
  if not seen then return 0 end
  if body ~= '' then
    local twin = redis.call('HGET', p .. 'claimed_bodies', body_at(body, host))
    if twin and twin ~= key and redis.call('HGET', p .. 'claim:' .. twin, 'run_id') ~= run then return 0 end
    local exported = redis.call('HGET', p .. 'bodies', body_at(body, host))
    if exported and exported ~= key then return 0 end
  end
  require_session(run)
  redis.call('DEL', p .. 'claim:' .. key)
  redis.call('HSET', p .. 'claim:' .. key, ...)
  redis.call('SADD', p .. 'claimed:' .. run, key)
  if body ~= '' then redis.call('HSET', p .. 'claimed_bodies', body_at(body, host), key) end
  renew(run)
  return 1
end

function verbs.unclaim(run, key) unclaim(key, run) end

return verbs[verb](unpack(ARGV, 2))
