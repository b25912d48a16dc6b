// @vitest-environment jsdom
import './setup';
import { render, screen } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';
import type { Heat, Measure, Point } from '../src/lib/api/types';
import BarList from '../src/lib/charts/BarList.svelte';
import Timeline from '../src/lib/charts/Timeline.svelte';
import TimeSeries from '../src/lib/charts/TimeSeries.svelte';

const plays: Measure = { id: 'plays', label: 'Plays', unit: 'count', definition: '' };
const minutes: Measure = { id: 'minutes_viewed', label: 'Minutes', unit: 'minutes', definition: '' };
const points = (values: (number | null)[]): Point[] =>
  values.map((v, i) => ({
    key: `2026-11-0${i + 1}`,
    start: '',
    label: `2026-11-0${i + 1}`,
    values: { plays: v },
  }));

describe('TimeSeries', () => {
  it('says what its cursor points at', () => {
    render(TimeSeries, { measure: plays, points: points([3, 312]), previous: points([1, 240]), open: true });
    expect(screen.getByRole('slider')).toHaveAttribute(
      'aria-valuetext',
      'Mon, Nov 2, 2026: 312 Plays; Period before: 240 (not over)',
    );
  });
  it('draws and says a second measure, on an axis of its own unless one scale suits both', async () => {
    const both = (plays: number, other: number, id: string) => ({
      key: '2026-11-01',
      label: '2026-11-01',
      values: { plays, [id]: other },
    });
    const drawn = render(TimeSeries, {
      measure: plays,
      points: [both(3, 40, 'minutes_viewed'), both(5, 60, 'minutes_viewed')],
      previous: null,
      second: minutes,
    });
    expect(screen.getByRole('slider', { name: 'Plays and Minutes, step by step' })).toHaveAttribute(
      'aria-valuetext',
      'Sun, Nov 1, 2026: 5 Plays; Minutes: 60',
    );
    expect(drawn.container.querySelectorAll('text.mark').length).toBeGreaterThan(2);
    expect([...drawn.container.querySelectorAll('text.name')].map((name) => name.textContent)).toEqual([
      'Plays',
      'Minutes',
    ]);
    await drawn.rerender({
      second: { ...plays, id: 'viewers', label: 'Viewers' },
      points: [both(3, 2, 'viewers'), both(5, 4, 'viewers')],
    });
    expect(drawn.container.querySelectorAll('text.mark')).toHaveLength(0);
  });
  it('leaves gaps as gaps', () => {
    const { container } = render(TimeSeries, {
      measure: plays,
      points: points([1, null, 2]),
      previous: null,
    });
    const path = container.querySelector('path.stroke')?.getAttribute('d') ?? '';
    expect(path.match(/M/g)).toHaveLength(2);
  });
});

describe('Timeline', () => {
  const data: Heat = {
    seconds: 4,
    views: [10, 10, 12, 0],
    viewers: [10, 8, 6, 0],
    unknown: [0, 0, 0, 0],
    losses: [],
    duration_ms: 4_000,
    duration_learned: false,
    content_end_ms: null,
  };
  it('says a second in numbers, with its base', () => {
    render(Timeline, { data, at: 2, viewers: 10, onat: vi.fn() });
    const said = '0:02: 6 of 10 viewers (60%) saw this second, 12 views, 6 of them again';
    expect(screen.getByRole('slider')).toHaveAttribute('aria-valuetext', said);
    expect(screen.getByText(said)).toBeVisible();
  });
  it('shows the views of unknown viewers for themselves', () => {
    const mixed = { ...data, viewers: [1, 8, 6, 0], unknown: [10, 2, 0, 0] };
    render(Timeline, { data: mixed, at: 1, viewers: 10, onat: vi.fn() });
    const said =
      '0:01: 8 of 10 viewers (80%) saw this second, 10 views, 1 of them again, 2 by unknown viewers';
    expect(screen.getByText(said)).toBeVisible();
  });
  it('leads to its moments', async () => {
    const onat = vi.fn();
    render(Timeline, { data, at: -1, viewers: 10, onat });
    await userEvent.click(screen.getByRole('button', { name: /seen again most/ }));
    expect(onat).toHaveBeenCalledWith(2);
  });
});

describe('BarList', () => {
  it('is a list of buttons that can be pressed by keyboard', async () => {
    const onpress = vi.fn();
    const bars = [
      { key: 'DE', label: 'Germany', value: 3, text: '3', share: '75%' },
      { key: 'US', label: 'United States', value: 1, text: '1', share: '25%' },
    ];
    render(BarList, { bars, label: 'Countries', pressed: (key: string) => key === 'US', onpress });
    await userEvent.tab();
    await userEvent.keyboard('{Enter}');
    expect(onpress).toHaveBeenCalledWith('DE');
    expect(screen.getByRole('button', { name: /United States/ })).toHaveAttribute('aria-pressed', 'true');
  });
});
