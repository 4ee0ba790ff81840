import { HttpArgocd } from '../adapters/http-argocd.ts';
import type { ConveyorConfig } from '../domain/config.ts';
import type { Deployments } from '../ports/argocd.ts';
import { secret } from './ssm.ts';

export async function deployments(config: ConveyorConfig): Promise<Deployments | undefined> {
  if (config.argocd === undefined) return undefined;
  return new HttpArgocd({
    server: config.argocd.server,
    token: await secret(config.argocd.token),
  });
}
