// @vitest-environment jsdom
import { describe, expect, it, vi } from 'vitest';
import type { Boot } from '../src/lib/boot';
import { around, askForRoom, room, settle } from '../src/lib/frame';

const boot = (more: Partial<Boot> = {}): Boot => ({
  token: 't',
  path: '/',
  course: null,
  role: 'teacher',
  locale: null,
  zone: null,
  term: null,
  high_contrast: false,
  origins: ['https://lms.example.edu'],
  message_token: null,
  ...more,
});

/** A page in a frame: what it was told, and a way to answer it. */
function framed(inside: string, height = 400) {
  const heard: ((event: unknown) => void)[] = [];
  const parent = { postMessage: vi.fn() };
  const page = {
    parent,
    innerHeight: height,
    location: { ancestorOrigins: [inside] },
    document: { referrer: '' },
    addEventListener: (_: string, listen: (event: unknown) => void) => heard.push(listen),
    removeEventListener: (_: string, listen: (event: unknown) => void) =>
      void heard.splice(heard.indexOf(listen), 1),
  };
  const say = (data: unknown, origin = inside, source: unknown = parent) =>
    [...heard].forEach((listen) => listen({ data, origin, source }));
  return { page: page as unknown as Window, parent, say, heard };
}

const answer = { subject: 'lti.fetchWindowSize.response', height: 900, offset: { top: 60 }, footer: 40 };

describe('a frame', () => {
  it('asks for room, once, with the token', () => {
    const { page, parent, say, heard } = framed('https://lms.example.edu');
    askForRoom(boot({ message_token: 'abc' }), page);
    expect(parent.postMessage).toHaveBeenCalledWith(
      { subject: 'lti.fetchWindowSize', token: 'abc' },
      'https://lms.example.edu',
    );
    say(answer);
    expect(parent.postMessage).toHaveBeenLastCalledWith(
      { subject: 'lti.frameResize', height: 800, token: 'abc' },
      'https://lms.example.edu',
    );
    expect(heard).toHaveLength(0);
  });

  it('believes only the platform’s own page around it', () => {
    const { page, parent, say } = framed('https://lms.example.edu');
    askForRoom(boot(), page);
    say(answer, 'https://evil.example');
    say(answer, 'https://lms.example.edu', {});
    expect(parent.postMessage).toHaveBeenCalledTimes(1);
  });

  it('says nothing to a page that is not the platform’s', () => {
    const { page, parent } = framed('https://evil.example');
    expect(around(boot(), page)).toBeNull();
    askForRoom(boot(), page);
    expect(parent.postMessage).not.toHaveBeenCalled();
  });

  it('does not ask to be made smaller', () => {
    const { page, parent, say } = framed('https://lms.example.edu', 700);
    askForRoom(boot(), page);
    say({ ...answer, height: 300 });
    expect(parent.postMessage).toHaveBeenCalledTimes(1);
  });
});

describe('the room', () => {
  it('is at least a window and at most a screen, and nothing else is an answer', () => {
    expect(room({ ...answer, height: 10 })).toBe(560);
    expect(room({ ...answer, height: 9_000 })).toBe(1_400);
    expect(room({ subject: 'lti.frameResize', height: 900 })).toBeNull();
    expect(room(null)).toBeNull();
    expect(room({ ...answer, height: NaN })).toBeNull();
  });
});

it('contrast follows the launch', () => {
  settle(boot({ high_contrast: true }));
  expect(document.documentElement.dataset.contrast).toBe('more');
});
