import type { Use } from './support.ts';

export function table(_use: Use): void {}
