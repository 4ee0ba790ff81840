import { Encrypter } from 'age-encryption';
import { InvalidInput } from '../domain/errors.ts';
import { type Credential, credentialText } from './credential.ts';
import { type HostKey, sshKeyBytes } from './host-key.ts';
import { sshRecipient } from './ssh-recipient.ts';

/**
 * Encrypts a credential so that this host alone can read it; the bytes of its `credential.age`.
 * @throws InvalidInput The key is no point that anything may be encrypted to.
 */
export async function sealCredential(
  credential: Credential,
  hostKey: HostKey,
): Promise<Uint8Array> {
  const encrypter = new Encrypter();
  const ssh = sshKeyBytes(hostKey);
  try {
    encrypter.addRecipient(ssh === undefined ? hostKey : sshRecipient(ssh.wire, ssh.point));
    return await encrypter.encrypt(credentialText(credential));
  } catch (cause) {
    throw new InvalidInput(`Nothing can be encrypted to the host's key ${hostKey}`, {
      cause,
      data: { service: credential.service, hostKey },
      fix: 'Let the host show its key again: conveyor provision --plan.',
    });
  }
}
