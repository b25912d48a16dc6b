-- wrk: one VIEW event a request, as the newer player plugin sends it. PATHNAME is where; /healthz answers the same
-- request without doing anything.
local path = os.getenv("BENCH_PATH") or "/api_v3/index.php"
local thread_count = 0
function setup(thread)
  thread_count = thread_count + 1
  thread:set("id", thread_count)
end
local n = 0
local headers = {
  ["Content-Type"] = "application/json",
  ["User-Agent"] = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
}
function request()
  n = n + 1
  local session = math.floor(n / 30)
  local index = n % 30 + 1
  local url = string.format(
    "%s?service=analytics&action=trackEvent&eventType=99&partnerId=1234&entryId=0_bench%02d&sessionId=%d-%08d-%s%%3Aabcdef01-2345-6789",
    path, session % 50, id, session, os.getenv("BENCH_RUN") or "0")
  local body = string.format(
    '{"apiVersion":"3.3.0","format":1,"bufferTime":0,"bufferTimeSum":0.2,"actualBitrate":292.96875,"eventIndex":%d,"referrer":"https://lms.example.edu/courses/7/pages/week-%d","deliveryType":"hls","playbackType":"vod","clientVer":"3.17.95","clientTag":"html5:v3.17.95","position":%.3f,"playTimeSum":%.3f,"playbackSpeed":1,"soundMode":2,"tabMode":2,"viewabilityMode":2,"screenMode":1,"playbackContext":"777","application":"LMS"}',
    index, session % 12, index * 10.001, index * 10.0)
  return wrk.format(path == "/healthz" and "GET" or "POST", url, headers, body)
end
