import { createCredentialChain, fromEnv, fromHttp } from '@aws-sdk/credential-providers';

/**
 * Where a function's credentials come from: the environment, or the container's endpoint. Bundles have this in place
 * of the SDK's default chain (`infra/support/bundle.ts`), whose SSO, profiles and processes a function never has.
 */
export function defaultProvider(options: Parameters<typeof fromHttp>[0] = {}) {
  return createCredentialChain(fromEnv(options), async () => fromHttp(options)());
}
