"""Prints N events of an hour of 30 events for each session, as `playhead import events` takes them."""

import sys

START = 1_780_000_000_000
for n in range(int(sys.argv[1])):
    session, index = divmod(n, 30)
    at = START + session % 5_000_000 * 1000 + index * 10_000
    print(
        f'{{"account":1234,"entry":"0_bench{session % 50:02}","session":"history-{session}","kind":"{"play" if index == 0 else "view"}",'
        f'"at":{at},"index":{index + 1},"position_ms":{index * 10_000},"play_time_ms":{index * 10_000},"speed_milli":1000,'
        f'"page":"https://lms.example.edu/courses/{session % 30}","sound":2,"tab":2,"user":"user{session % 4000}"}}'
    )
