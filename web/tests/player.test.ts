// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Playing } from '../src/lib/panels/playing.svelte';
import { follow, framed } from '../src/lib/panels/youtube';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('what plays', () => {
  it('moves at most four times a second, and what comes last counts', () => {
    const playing = new Playing();
    playing.begin(() => {});
    const seen = new Set<number>();
    for (let n = 0; n <= 100; n++) {
      playing.tell(n / 100);
      seen.add(playing.position);
      vi.advanceTimersByTime(10);
    }
    expect(seen.size).toBeGreaterThanOrEqual(4);
    expect(seen.size).toBeLessThanOrEqual(5);
    vi.advanceTimersByTime(250);
    expect(playing.position).toBe(1);
  });

  it('goes nowhere while nothing is open, and forgets where it was', () => {
    const playing = new Playing();
    const to = vi.fn();
    playing.seek(5);
    expect(playing.seeks).toBe(false);
    const end = playing.begin(to);
    expect(playing.seeks).toBe(true);
    playing.seek(7);
    playing.tell(7);
    playing.tell(8);
    end();
    playing.seek(9);
    playing.tell(9);
    vi.advanceTimersByTime(1_000);
    expect(to.mock.calls).toEqual([[7]]);
    expect([playing.seeks, playing.position]).toEqual([false, -1]);
  });
});

describe('YouTube’s frame', () => {
  const SITE = 'https://www.youtube-nocookie.com';
  let frame: HTMLIFrameElement;
  let sent: [Record<string, unknown>, string][];
  const say = (data: unknown, origin = SITE, source: unknown = frame.contentWindow) => {
    const text = typeof data === 'string' ? data : JSON.stringify(data);
    window.dispatchEvent(new MessageEvent('message', { data: text, origin, source: source as Window }));
  };
  const at = (currentTime: unknown) => ({ event: 'infoDelivery', info: { currentTime } });

  beforeEach(() => {
    frame = document.createElement('iframe');
    sent = [];
    // jsdom would load it; a frame is what answers to these two here.
    Object.defineProperty(frame, 'src', { value: `${SITE}/embed/a?start=0` });
    const inner = { postMessage: (text: string, to: string) => void sent.push([JSON.parse(text), to]) };
    Object.defineProperty(frame, 'contentWindow', { value: inner });
  });

  it('is told which page it may talk to', () => {
    const address = framed(
      `${SITE}/embed/a%26b?start={start}&enablejsapi=1`,
      61.7,
      'https://media.example.edu',
    );
    expect(address).toBe(`${SITE}/embed/a%26b?start=61&enablejsapi=1&origin=https%3A%2F%2Fmedia.example.edu`);
  });

  it('is listened to once it has loaded, until it answers, and not for ever', () => {
    const { end } = follow(frame, () => {});
    vi.advanceTimersByTime(2_000);
    expect(sent).toEqual([]);
    frame.dispatchEvent(new Event('load'));
    vi.advanceTimersByTime(1_000);
    expect(sent.length).toBe(3);
    expect(sent[0]).toEqual([{ event: 'listening', id: 1, channel: 'widget' }, SITE]);
    say({ event: 'onReady', info: null });
    vi.advanceTimersByTime(60_000);
    expect(sent.length).toBe(3);
    frame.dispatchEvent(new Event('load'));
    vi.advanceTimersByTime(600_000);
    expect(sent.length).toBeLessThan(50);
    end();
  });

  it('tells where it is; nobody else does', () => {
    const heard: number[] = [];
    const { end } = follow(frame, (second) => heard.push(second));
    say(at(1.5));
    say(at(2), 'https://evil.example');
    say(at(3), 'null');
    say(at(4), SITE, window);
    say(at(5), SITE, null);
    for (const odd of ['{', 'null', '[]', '"x"', at(-1), at('7'), at(null), { event: 'infoDelivery' }])
      say(odd);
    window.dispatchEvent(
      new MessageEvent('message', { data: at(6), origin: SITE, source: frame.contentWindow }),
    );
    expect(heard).toEqual([1.5]);
    end();
    say(at(8));
    expect(heard).toEqual([1.5]);
  });

  it('is sought by two orders, to its own origin only; one given too early waits', () => {
    const heard: number[] = [];
    const { seek, end } = follow(frame, (second) => heard.push(second));
    seek(30);
    expect(sent).toEqual([]);
    say({ event: 'onReady' }, 'https://evil.example');
    expect(sent).toEqual([]);
    say({ event: 'initialDelivery', info: { currentTime: 0 } });
    seek(99);
    const orders = sent.map(([{ func, args }, to]) => [func, args, to]);
    expect(orders).toEqual([
      ['seekTo', [30, true], SITE],
      ['playVideo', [], SITE],
      ['seekTo', [99, true], SITE],
      ['playVideo', [], SITE],
    ]);
    expect(heard).toEqual([30, 99]);
    end();
  });
});
