import { describe, expect, it } from 'vitest';
import { ARTIFACT_DEFECTS } from '../../lambdas/intake/invalid-artifact.ts';
import { ENTRIES } from './refused/entries.ts';
import { GZIP, TAR } from './refused/formats.ts';
import { LIMITS } from './refused/limits.ts';
import { file } from './refused/made.ts';
import { NAMES } from './refused/names.ts';
import { defectOf, inspect, refusalOf, tarball } from './tarballs.ts';

const ALL = [...GZIP, ...TAR, ...NAMES, ...ENTRIES];

describe('an upload is refused (T16)', () => {
  it.each(ALL)('as %s: %s', async (code, _, made) => {
    expect(await defectOf(inspect(made()))).toBe(code);
  });

  it.each(LIMITS)('as %s: %s', async (code, _, made, limits) => {
    expect(await inspect(made()).catch((error) => error.data.code)).not.toBe(code);
    expect(await defectOf(inspect(made(), limits))).toBe(code);
  });

  it('for every reason on the list at least once here', () => {
    const seen = new Set([...ALL, ...LIMITS].map(([code]) => code));

    expect([...seen].sort()).toEqual([...ARTIFACT_DEFECTS].sort());
  });

  it('in words that name the entry on one line and say what to do', async () => {
    const { message, fix, data, source, name } = await refusalOf(
      inspect(tarball(file('bin/\x1b[2Jrun\n'))),
    );

    expect(message).toBe('Entry bin/\\u{1b}[2Jrun\\u{a} has a name that has control characters');
    expect(fix).toMatch(/^Rename it/);
    expect(data).toEqual({ code: 'unsafe-name', path: 'bin/\\u{1b}[2Jrun\\u{a}' });
    expect({ source, name }).toEqual({ source: 'user', name: 'InvalidArtifact' });
  });
});
