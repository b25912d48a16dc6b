import { get, url } from '../api/client';
import type { Entry, Heat, Table } from '../api/types';
import { base } from '../question';
import { alike, band, retention, type Band } from './typical';

/** Others that are looked at: each is a question of its own, and more would not move the band. */
const OTHERS_MOST = 8;

/**
 * What is typical of the same owner's recordings of like length in the period: asked for when somebody wants to see it,
 * because every other recording is a question of its own.
 */
export class Typical {
  band = $state.raw<Band | null>(null);
  /** `none`: asked, and there are too few others. */
  state = $state<'off' | 'busy' | 'on' | 'none' | 'failed'>('off');

  off(): void {
    this.state = 'off';
    this.band = null;
  }

  async ask(entry: Entry): Promise<void> {
    this.state = 'busy';
    try {
      this.band = await find(entry);
      this.state = this.band ? 'on' : 'none';
    } catch {
      this.state = 'failed';
    }
  }
}

async function find(entry: Entry): Promise<Band | null> {
  if (!entry.owner || !entry.duration_ms) return null;
  const list = url('table', {
    ...base(`owner:${entry.owner.id}`),
    by: 'entry',
    measures: 'viewers',
    sort: '-viewers',
    size: 100,
  });
  const others = (await get<Table>(list)).data.rows
    .filter((row) => row.keys[0] !== entry.id && alike(row.entry?.duration_ms ?? 0, entry.duration_ms ?? 0))
    .slice(0, OTHERS_MOST);
  const heats = await Promise.all(
    others.map((row) => get<Heat>(url('heat', base(`entry:${row.keys[0] ?? ''}`)))),
  );
  return band(heats.map((heat) => retention(heat.data)).filter((curve) => curve !== null));
}
