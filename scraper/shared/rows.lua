-- What must happen in one go on the server: rows.lua, sessions.lua and frontier.lua make one script.
-- KEYS[1] is the beginning of all names, ARGV[1] the verb.
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
-- exported      hash    by host: how many articles were exported, ever
-- counts        hash    by host: how many rows are known
-- took:RUN      hash    what the run took last
-- run:RUN       hash    its last checkpoint: fields of scraper.state.rows.RunRow
-- session:RUN   string  there while the run is alive; milliseconds of silence that it is granted
-- sessions      set     runs that have begun and not ended
-- crawl_runs    set     runs that are, or were, part of the crawl that is going on
-- began         string  when that crawl began
-- version       string  of all this: server.VERSION
--
-- sent:HOST, busy:HOST and gates:RUN are of gate.lua; hints:HOST, file:ADDRESS and paused (a zset: until
-- when hosts are to be left alone) have no script.

local p, verb = KEYS[1], ARGV[1]
local FINER = 1000000000000 -- more than the milliseconds of thirty years
local SINCE = 1577836800 -- 2020
local MOST_LOST = 40

local verbs = {}

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

local function bring_back(key, now)
  local r = redis.call('HMGET', page(key), 'host', 'rank', 'last_fetched')
  if r[1] and not r[2] and not r[3] then
    redis.call('HSET', page(key), 'rank', '0', 'due', '0')
    redis.call('HDEL', page(key), 'moved_to')
    queue(key, now)
  end
end
