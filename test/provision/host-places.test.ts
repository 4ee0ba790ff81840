import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ServiceName } from '../../lambdas/domain/names.ts';
import { hostPlaces } from '../../lambdas/provision/host-places.ts';

const names = fc
  .stringMatching(/^[a-z][a-z0-9-]{0,39}$/)
  .filter((name) => ServiceName.safeParse(name).success)
  .map((name) => ServiceName.parse(name));

it('names a user as useradd takes it, however long the service’s name', () => {
  fc.assert(
    fc.property(names, (service) => {
      expect(hostPlaces(service).user).toMatch(/^wardnet-[a-z0-9-]{1,24}$/);
    }),
  );
});

it('gives two services two users, though their names begin alike', () => {
  const users = ['a', 'b', ''].map(
    (end) => hostPlaces(ServiceName.parse(`a-service-with-a-long-name${end}`)).user,
  );

  expect(new Set(users).size).toBe(3);
});

it('keeps the name of a service that fits', () => {
  expect(hostPlaces(ServiceName.parse('a'.repeat(24))).user).toBe(`wardnet-${'a'.repeat(24)}`);
});
