import type { PromotionId } from '../../lambdas/domain/names.ts';
import type { Sealer } from '../../lambdas/ports/executions.ts';

/** Seals so that a token cannot be read by accident; opened under another promotion, it throws as KMS would. */
export class MemorySealer implements Sealer {
  async seal(promotion: PromotionId, token: string): Promise<string> {
    return `sealed.${Buffer.from(JSON.stringify([promotion, token])).toString('base64')}`;
  }

  async open(promotion: PromotionId, sealed: string): Promise<string> {
    const [owner, token] = JSON.parse(
      Buffer.from(sealed.replace(/^sealed\./, ''), 'base64').toString('utf8'),
    ) as [string, string];
    if (owner !== promotion) throw new Error(`sealed for ${owner}, opened for ${promotion}`);
    return token;
  }
}
