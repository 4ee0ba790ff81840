import { SystemClock } from '../adapters/system-clock.ts';

export const clock = new SystemClock();
