import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EnvironmentName } from '../../lambdas/domain/names.ts';
import { encodeProvisionRequest } from '../../lambdas/provision/provision-request.ts';
import { service } from './provisioned.ts';

describe('a request', () => {
  const request = {
    action: 'apply',
    service,
    environment: EnvironmentName.parse('prod'),
    promotion: 'x',
  } as const;

  it('is base64 that says what was asked, whatever is in it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const contentBase64 = Buffer.from(text).toString('base64');
        const parts = [
          { kind: 'file', path: '/x', owner: 'root', group: 'root', mode: '0600', contentBase64 },
        ] as const;

        const encoded = encodeProvisionRequest({ ...request, parts });

        expect(encoded).toMatch(/^[A-Za-z0-9+/]{4,}={0,2}$/);
        expect(JSON.parse(Buffer.from(encoded, 'base64').toString())).toEqual({
          schema: 1,
          kind: 'systemd',
          ...request,
          parts,
        });
      }),
    );
  });

  it('is refused when no process could take it in', () => {
    const contentBase64 = 'A'.repeat(130_000);
    const parts = [
      { kind: 'file', path: '/x', owner: 'root', group: 'root', mode: '0600', contentBase64 },
    ] as const;

    expect(() => encodeProvisionRequest({ ...request, parts })).toThrow(/131000 is the most/);
  });
});
