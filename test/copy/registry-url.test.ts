import { describe, expect, it } from 'vitest';
import { followLocation } from '../../lambdas/adapters/registry-url.ts';

const REGISTRY = new URL('https://111111111111.dkr.ecr.eu-west-1.amazonaws.com');
const FROM = new URL('/v2/shop/blobs/uploads/', REGISTRY);

describe('a Location (T6)', () => {
  it.each([
    '127.0.0.1',
    '10.1.2.3',
    '172.16.0.1',
    '192.168.1.1',
    '100.64.0.1',
    '169.254.169.254',
    '0.0.0.0',
    '2130706433',
    '0x7f.1',
    '[::1]',
    '[::]',
    '[fd00:ec2::254]',
    '[fe80::1]',
    '[::ffff:169.254.169.254]',
    'localhost',
    'LOCALHOST.',
    'a.localhost',
  ])('at the internal address %s is not followed', (host) => {
    const location = `https://${host}/x`;

    expect(() => followLocation(REGISTRY, FROM, location)).toThrow(/internal address/);
  });

  it.each(['http://store.example/x', 'ftp://store.example/x', 'file:///etc/passwd'])(
    'such as %s is not followed',
    (location) => {
      expect(() => followLocation(REGISTRY, FROM, location)).toThrow(/Refused to speak/);
    },
  );

  it('may name a public host, but no user', () => {
    const next = followLocation(REGISTRY, FROM, 'https://me:secret@store.example/x?y=%2F');

    expect(next.href).toBe('https://store.example/x?y=%2F');
  });

  it('is resolved against the request', () => {
    expect(followLocation(REGISTRY, FROM, '../abc?s=1').pathname).toBe('/v2/shop/blobs/abc');
  });

  it('may lead from one port of this machine to another', () => {
    const local = new URL('http://127.0.0.1:5000');

    expect(followLocation(local, local, 'http://127.0.0.1:5001/x').port).toBe('5001');
  });
});
