import { DecryptCommand, EncryptCommand, type KMSClient } from '@aws-sdk/client-kms';
import type { PromotionId } from '../domain/names.ts';
import type { Sealer } from '../ports/executions.ts';

/** Task tokens (≤ 2,048 characters) fit KMS's 4,096-byte limit for direct encryption; the promotion is the context. */
export class KmsSealer implements Sealer {
  constructor(
    private readonly client: KMSClient,
    private readonly keyArn: string,
  ) {}

  async seal(promotion: PromotionId, token: string): Promise<string> {
    const reply = await this.client.send(
      new EncryptCommand({
        KeyId: this.keyArn,
        Plaintext: Buffer.from(token),
        EncryptionContext: { promotion },
      }),
    );
    return Buffer.from(reply.CiphertextBlob ?? []).toString('base64');
  }

  async open(promotion: PromotionId, sealed: string): Promise<string> {
    const reply = await this.client.send(
      new DecryptCommand({
        KeyId: this.keyArn,
        CiphertextBlob: Buffer.from(sealed, 'base64'),
        EncryptionContext: { promotion },
      }),
    );
    return Buffer.from(reply.Plaintext ?? []).toString('utf8');
  }
}
