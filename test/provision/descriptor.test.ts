import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { VariableName } from '../../lambdas/domain/provisioning.ts';
import {
  Descriptor,
  type DescriptorInput,
  renderDescriptor,
} from '../../lambdas/provision/descriptor.ts';

const least = { service: 'orders', environment: 'prod', region: 'eu-west-1' };
const rendered = (more: Partial<DescriptorInput> = {}) =>
  renderDescriptor(Descriptor.parse({ ...least, ...more }));
const isRefused = (more: object) => !Descriptor.safeParse({ ...least, ...more }).success;

/** All that bootstrap.sh reads: two levels, plain or quoted keys, JSON's scalars. */
const LINE =
  /^(?:#.*|(?:[a-z]+|"?[A-Z][A-Z0-9_]*"?): ?(?:"[^\n]*"|\d+|\[\]|\{\})?| {2}(?:"?[A-Z][A-Z0-9_]*"?:|-) "[^\n]*"|)$/;

describe('a descriptor', () => {
  it('is YAML that a person can read', () => {
    const text = rendered({
      port: 8080,
      arguments: ['--queue', 'a b'],
      variables: { LOG_LEVEL: 'info' },
      secrets: { DATABASE: '/wardnet/prod/orders/database' },
    });

    expect(text).toBe(`# Written by Conveyor; changes by hand do not last. There is no secret in it.

schema: 1
service: "orders"
environment: "prod"
region: "eu-west-1"
user: "wardnet-orders"
command: "bin/start"
arguments:
  - "--queue"
  - "a b"
port: 8080
variables:
  LOG_LEVEL: "info"
secrets:
  DATABASE: "/wardnet/prod/orders/database"
`);
  });

  it('has the same bytes in whatever order its variables were declared', () => {
    expect(rendered({ variables: { B: '2', A: '1' } })).toBe(
      rendered({ variables: { A: '1', B: '2' } }),
    );
  });

  it('names a service’s user as the host does', () => {
    expect(parse(rendered({ service: 'a'.repeat(40) })).user).toBe(
      'wardnet-aaaaaaaaaaaaaaa-e33cdf9c',
    );
  });

  it('holds any text that a process can be given, one line each', () => {
    const texts = fc
      .string({ unit: 'binary', maxLength: 30 })
      .filter((text) => !text.includes('\0') && !/\p{Cs}/u.test(text));
    const names = fc
      .stringMatching(/^[A-Z][A-Z0-9_]{0,8}$/)
      .filter((name) => VariableName.safeParse(name).success);

    fc.assert(
      fc.property(fc.dictionary(names, texts), fc.array(texts), (variables, words) => {
        const text = rendered({ variables, arguments: words });

        expect(parse(text)).toMatchObject({ variables, arguments: words });
        for (const line of text.split('\n')) expect(line).toMatch(LINE);
      }),
    );
  });

  it.each(['NULL', 'TRUE', 'NO', 'Y', 'E1'])(
    'keeps a variable named %s, which YAML may take for something else',
    (name) => {
      expect(parse(rendered({ variables: { [name]: 'x' } })).variables).toEqual({ [name]: 'x' });
    },
  );

  it.each([
    ['a command outside of the release', { command: '../../bin/sh' }],
    ['an absolute command', { command: '/bin/sh' }],
    ['a command with an argument', { command: 'bin/start --now' }],
    ['NUL in an argument', { arguments: ['a\0b'] }],
    ['half a character', { variables: { A: '\ud800' } }],
    ['a secret’s value instead of its name', { secrets: { DATABASE: 'postgres://u:p@h/d' } }],
    ['a reference into SSM', { secrets: { DATABASE: '{{ssm:/x}}' } }],
    ['a variable of the loader', { variables: { LD_PRELOAD: '/tmp/x.so' } }],
    ['a variable of the shell', { variables: { PATH: '/tmp' } }],
    ['a variable of the bootstrap', { secrets: { WARDNET_SERVICE: '/a/b' } }],
    ['a variable in lower case, as the bootstrap’s own are', { variables: { user: 'root' } }],
    ['a variable that is both', { variables: { A: 'x' }, secrets: { A: '/a' } }],
    ['a region that is none', { region: 'eu-west-1/../x' }],
    ['a port that is none', { port: 65_536 }],
    ['something that nobody reads', { shell: true }],
  ])('refuses %s', (_, more) => {
    expect(isRefused(more)).toBe(true);
  });
});
