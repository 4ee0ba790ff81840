import { EnvironmentName, ServiceName } from '../../lambdas/domain/names.ts';
import { UnitOptions } from '../../lambdas/domain/provisioning.ts';
import { Credential, fingerprintCredential } from '../../lambdas/provision/credential.ts';
import type { DeclaredService } from '../../lambdas/provision/declared-service.ts';
import { Descriptor, type DescriptorInput } from '../../lambdas/provision/descriptor.ts';
import type { HostKey } from '../../lambdas/provision/host-key.ts';
import { encodeProvisionRequest } from '../../lambdas/provision/provision-request.ts';
import { credentialPart, type Part, renderParts } from '../../lambdas/provision/render-parts.ts';
import { sealCredential } from '../../lambdas/provision/seal-credential.ts';
import { BOOTSTRAP_TEXT } from './provision-host.ts';

export const PROD = EnvironmentName.parse('prod');
export const FINGERPRINT_KEY = Buffer.alloc(32, 3);

export function declare(
  service: string,
  descriptor: Partial<DescriptorInput> = {},
  unit: object = {},
): DeclaredService {
  return {
    descriptor: Descriptor.parse({
      service,
      environment: 'prod',
      region: 'eu-west-1',
      ...descriptor,
    }),
    unit: UnitOptions.parse(unit),
    bootstrap: BOOTSTRAP_TEXT,
  };
}

export function credentialOf(service: string): Credential {
  return Credential.parse({
    schema: 1,
    service,
    environment: 'prod',
    accessKeyId: 'AKIAOFTHECREDENTIAL0',
    secretAccessKey: 'the/secret+key/of/the/credential/012345',
  });
}

export const requestFor = (action: 'observe' | 'remove', service: string) =>
  encodeProvisionRequest({
    action,
    service: ServiceName.parse(service),
    environment: PROD,
    promotion: 'provision:test',
  });

export interface Apply {
  readonly hostKey?: HostKey;
  readonly credential?: Credential;
  readonly restart?: boolean;
  /** Instead of what is declared. */
  readonly parts?: readonly Part[];
}

/** A request that brings a host to what is declared, its credential sealed to the host's key. */
export async function applyRequest(declared: DeclaredService, apply: Apply = {}): Promise<string> {
  const { service } = declared.descriptor;
  const { hostKey, credential, restart } = apply;
  const parts = [...(apply.parts ?? renderParts(declared))];
  const sealed = hostKey !== undefined && credential !== undefined;
  if (sealed) parts.push(credentialPart(service, await sealCredential(credential, hostKey)));
  return encodeProvisionRequest({
    action: 'apply',
    service,
    environment: PROD,
    promotion: 'provision:test',
    parts,
    ...(restart !== undefined && { restart }),
    ...(sealed && {
      credential: { hostKey, fingerprint: fingerprintCredential(credential, FINGERPRINT_KEY) },
    }),
  });
}
