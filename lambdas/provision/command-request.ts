import type { ProvisionCommand, ProvisionRun, ServiceRun } from '../domain/provision-run.ts';
import { HostKey } from './host-key.ts';
import { encodeProvisionRequest } from './provision-request.ts';
import { credentialPart, noCredentialPart, type Part, renderParts } from './render-parts.ts';
import { sealCredential } from './seal-credential.ts';
import type { ServiceFacts } from './service-facts.ts';

/**
 * What a command asks of its hosts, as the document's parameter. A credential is in it as the one host can open it.
 * @throws InvalidInput It is more than a host can take in, or nothing can be encrypted to its key.
 */
export async function commandRequest(
  { run, service, facts }: { run: ProvisionRun; service: ServiceRun; facts: ServiceFacts },
  { action, hostKey }: ProvisionCommand,
): Promise<string> {
  const request = {
    action,
    service: service.service,
    environment: run.environment,
    promotion: `provision:${run.run}`,
  } as const;
  const { declared, sealed, restart } = facts;
  if (action !== 'apply' || declared === undefined) return encodeProvisionRequest(request);
  const parts: Part[] = renderParts(declared);
  if (sealed === undefined)
    return encodeProvisionRequest({
      ...request,
      restart,
      parts: [...parts, noCredentialPart(service.service)],
    });
  // The one that is there stays.
  if (hostKey === undefined) return encodeProvisionRequest({ ...request, restart, parts });
  const key = HostKey.parse(hostKey);
  const part = credentialPart(service.service, await sealCredential(sealed.credential, key));
  return encodeProvisionRequest({
    ...request,
    restart,
    parts: [...parts, part],
    credential: { fingerprint: sealed.fingerprint, hostKey: key },
  });
}
