-- Runs: what they hold, what they make durable, and what becomes of it when they end or fall silent.

-- Milliseconds. A run that holds nothing keeps nobody waiting, and a start may take its time.
local IDLE = 120000
-- Seconds for which the last checkpoint of a run is kept: whoever was killed has begun again by then.
local KEPT = 90 * 86400

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

-- run, now, milliseconds of silence after which it counts as killed: when the crawl that it joins
-- began; nothing where a run of that name is going on
function verbs.join(run, now, silence)
  sweep(now)
  if redis.call('SISMEMBER', p .. 'sessions', run) == 1 then return nil end
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
