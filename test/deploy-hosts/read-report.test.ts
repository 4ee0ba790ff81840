import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readReport } from '../../lambdas/deploy-hosts/read-report.ts';

const REPORT = {
  schema: 1,
  service: 'relay',
  action: 'observe',
  state: 'running',
  version: 'a'.repeat(40),
  digest: `sha256:${'b'.repeat(64)}`,
  good: null,
  startedAt: null,
  health: 'none',
  reason: '',
};

describe('what a host printed', () => {
  it('is its report, wherever it stands, and whatever is null in it', () => {
    const line = JSON.stringify(REPORT);

    for (const output of [line, `${line}\n`, `noise\n${line}\nmore noise`, `{"schema":2}\n${line}`])
      expect(readReport(output)).toMatchObject({ state: 'running', version: REPORT.version });
    expect(readReport(line)).not.toHaveProperty('good.length');
  });

  it.each(['', 'Killed', '{', '{}', '[1]', 'null', JSON.stringify({ ...REPORT, state: 'fine' })])(
    'is no report: %s',
    (output) => {
      expect(readReport(output)).toBeUndefined();
    },
  );

  it('keeps no version and no digest that could not be one', () => {
    const odd = { ...REPORT, version: '$(id)', digest: 'sha256:x' };

    expect(readReport(JSON.stringify(odd))).toMatchObject({
      version: undefined,
      digest: undefined,
    });
  });

  it('is never more than a host may say', () => {
    fc.assert(fc.property(fc.string(), (output) => readReport(output) === undefined));
    fc.assert(
      fc.property(fc.json(), (value) => {
        const report = readReport(value);
        return report === undefined || report.schema === 1;
      }),
    );
  });
});
