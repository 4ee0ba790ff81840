import { generateKeyPairSync } from 'node:crypto';
import { Decrypter, generateX25519Identity, identityToRecipient } from 'age-encryption';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvalidInput } from '../../lambdas/domain/errors.ts';
import {
  Credential,
  credentialText,
  fingerprintCredential,
} from '../../lambdas/provision/credential.ts';
import { HostKey } from '../../lambdas/provision/host-key.ts';
import { sealCredential } from '../../lambdas/provision/seal-credential.ts';

const credential = Credential.parse({
  schema: 1,
  service: 'orders',
  environment: 'prod',
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
});
const key = Buffer.alloc(32, 7);

/** The line of an SSH ed25519 key with that point. */
const sshLine = (point: Uint8Array) =>
  `ssh-ed25519 ${Buffer.concat([Buffer.from('\0\0\0\vssh-ed25519\0\0\0 ', 'latin1'), point]).toString('base64')}`;

function sshKey(): HostKey {
  const { publicKey } = generateKeyPairSync('ed25519');
  const { x = '' } = publicKey.export({ format: 'jwk' });
  return HostKey.parse(sshLine(Buffer.from(x, 'base64url')));
}

describe('a sealed credential', () => {
  it('opens with the identity that it was sealed to', async () => {
    const identity = await generateX25519Identity();
    const hostKey = HostKey.parse(await identityToRecipient(identity));

    const sealed = await sealCredential(credential, hostKey);

    const opener = new Decrypter();
    opener.addIdentity(identity);
    expect(await opener.decrypt(sealed, 'text')).toBe(credentialText(credential));
  });

  it('is an age file with one recipient, which names the SSH key by its hash', async () => {
    const [version, recipient] = Buffer.from(await sealCredential(credential, sshKey()))
      .toString('latin1')
      .split('\n');

    expect(version).toBe('age-encryption.org/v1');
    expect(recipient).toMatch(/^-> ssh-ed25519 [A-Za-z0-9+/]{6} [A-Za-z0-9+/]{43}$/);
  });

  it.each(['ssh', 'age'])(
    'shows nothing of what is in it, and never twice the same (%s)',
    async (kind) => {
      const hostKey =
        kind === 'ssh'
          ? sshKey()
          : HostKey.parse(await identityToRecipient(await generateX25519Identity()));
      const [one, two] = await Promise.all(
        [1, 2].map(async () => Buffer.from(await sealCredential(credential, hostKey))),
      );

      expect(one?.equals(two ?? Buffer.alloc(0))).toBe(false);
      for (const secret of [credential.secretAccessKey, credential.accessKeyId, credential.service])
        expect(one?.includes(secret)).toBe(false);
    },
  );

  it.each([
    ['the point of order two', Buffer.alloc(32, 0xff).fill(0xec, 0, 1).fill(0x7f, 31)],
    ['the neutral point', Buffer.alloc(32).fill(1, 0, 1)],
    ['no point at all', Buffer.alloc(32, 0xff)],
  ])('is made for no key that is %s: anybody could open it', async (_, point) => {
    const hostKey = HostKey.parse(sshLine(point));

    await expect(sealCredential(credential, hostKey)).rejects.toBeInstanceOf(InvalidInput);
  });

  it('is made for no age recipient whose checksum is wrong', async () => {
    const hostKey = HostKey.parse(`age1${'q'.repeat(58)}`);

    await expect(sealCredential(credential, hostKey)).rejects.toBeInstanceOf(InvalidInput);
  });
});

describe('a host’s key', () => {
  it.each([
    'ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQC7',
    'ssh-ed25519 AAAA',
    `${sshLine(Buffer.alloc(32, 9))} root@host`,
    `ssh-ed25519 ${Buffer.alloc(51, 1).toString('base64')}`,
    'AGE-SECRET-KEY-1QQQ',
    'age1pq1qqqq',
    '',
  ])('is not %s', (text) => {
    expect(HostKey.safeParse(text).success).toBe(false);
  });

  it('is never anything that a shell or a line of JSON would take for more', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(HostKey.safeParse(`age1${text}`).success).toBe(false);
        expect(HostKey.safeParse(`${sshLine(Buffer.alloc(32, 9))}\n${text}`).success).toBe(false);
      }),
    );
  });
});

describe('a fingerprint', () => {
  it('is the same for the same credential, in whatever order it was written', () => {
    const { schema, ...rest } = credential;

    expect(fingerprintCredential({ ...rest, schema }, key)).toBe(
      fingerprintCredential(credential, key),
    );
  });

  it.each([
    ['the secret', { ...credential, secretAccessKey: 'another/key/of/the/same/kind' }],
    ['the service', { ...credential, service: Credential.shape.service.parse('billing') }],
    ['a token that came', { ...credential, sessionToken: 'a-session-token-of-some-length' }],
  ])('differs with %s', (_, other) => {
    expect(fingerprintCredential(other, key)).not.toBe(fingerprintCredential(credential, key));
  });

  it('says nothing to whom has no key', () => {
    expect(fingerprintCredential(credential, Buffer.alloc(32, 8))).not.toBe(
      fingerprintCredential(credential, key),
    );
  });
});
