-- wrk: batches of 150 VIEW events of five sessions in our own format.
local n = 0
local headers = {
  ["Content-Type"] = "text/plain",
  ["User-Agent"] = "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0",
}
function request()
  n = n + 1
  local events = {}
  for i = 0, 149 do
    events[i + 1] = string.format(
      '{"event_id":"%d","kind":"view","entry":"0_bench%02d","session":"%s-%d-%d","index":%d,"position_ms":%d,"play_time_ms":%d,"speed_milli":1000,"sound":2,"tab":2}',
      i, i % 5, os.getenv("BENCH_RUN") or "0", n, i % 5, i + 1, i * 10000, i * 10000)
  end
  local body = '{"account":1234,"page":"https://lms.example.edu/courses/7","player_version":"1","events":[' .. table.concat(events, ",") .. "]}"
  return wrk.format("POST", "/e", headers, body)
end
