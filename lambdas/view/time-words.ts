const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

const two = (n: number) => String(n).padStart(2, '0');

/** `Sat 21 Nov 16:00 UTC`. UTC and said so: a mail does not know where it is read. */
export function momentWords(iso: string): string {
  const at = new Date(iso);
  return `${DAYS[at.getUTCDay()]} ${at.getUTCDate()} ${MONTHS[at.getUTCMonth()]} ${two(at.getUTCHours())}:${two(at.getUTCMinutes())} UTC`;
}

/** `Sat 16:00 UTC`, for a subject line. */
export function dayTimeWords(iso: string): string {
  const at = new Date(iso);
  return `${DAYS[at.getUTCDay()]} ${two(at.getUTCHours())}:${two(at.getUTCMinutes())} UTC`;
}

/** `2026-11-21 16:00`, for lists that are read down. */
export const stampWords = (iso: string) => `${iso.slice(0, 10)} ${iso.slice(11, 16)}`;

/** `13:01:02`, for lines that come one after the other. */
export const timeWords = (iso: string) => iso.slice(11, 19);

/** `2m`, `6d`: as short as a table needs. */
export function shortAge(iso: string, now: Date): string {
  const [count, unit] = largestUnit(now.getTime() - new Date(iso).getTime());
  return `${count}${unit === 'min' ? 'm' : unit}`;
}

/** `2 min ago`. */
export function ageWords(iso: string, now: Date): string {
  const [count, unit] = largestUnit(now.getTime() - new Date(iso).getTime());
  return unit === 's' && count < 5 ? 'just now' : `${count} ${unit} ago`;
}

/** `1 h 58 min`, or `none` when the moment has passed. */
export function leftWords(iso: string, now: Date): string {
  const minutes = Math.floor((new Date(iso).getTime() - now.getTime()) / 60_000);
  if (minutes < 0) return 'none';
  if (minutes < 1) return 'less than a minute';
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48
    ? `${hours} h ${minutes % 60} min`
    : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

function largestUnit(milliseconds: number): [number, 's' | 'min' | 'h' | 'd'] {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  if (seconds < 60) return [seconds, 's'];
  if (seconds < 3_600) return [Math.floor(seconds / 60), 'min'];
  if (seconds < 86_400) return [Math.floor(seconds / 3_600), 'h'];
  return [Math.floor(seconds / 86_400), 'd'];
}
