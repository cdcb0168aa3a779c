/** How people say from when on: `24h`, `7d`, `2026-11-01`, `2026-11-01T12:00`. */
import { Refusal, shown } from '../../errors.ts';

const unitMs = { h: 3_600_000, d: 24 * 3_600_000, w: 7 * 24 * 3_600_000 } as const;

/**
 * @param now Unix ms.
 * @returns Unix ms; days and hours without a zone are meant in UTC.
 * @throws Refusal `audit.since`
 */
export function parseSince(text: string, now: number): number {
  const [, count, unit] = /^(\d{1,5})\s*([hdw])$/i.exec(text.trim()) ?? [];
  if (count !== undefined && unit !== undefined) {
    const key = unit.toLowerCase();
    return now - Number(count) * (key === 'h' ? unitMs.h : key === 'd' ? unitMs.d : unitMs.w);
  }
  const [, day, time = '00:00'] = /^(\d{4}-\d{2}-\d{2})(?:[ T](\d{2}:\d{2}))?$/.exec(text.trim()) ?? [];
  const at = day === undefined ? Number.NaN : Date.parse(`${day}T${time}Z`);
  if (Number.isFinite(at)) return at;
  throw new Refusal('audit.since', `Please say 24h, 7d, 2w or a day such as 2026-11-01, not ${shown(text)}.`);
}
