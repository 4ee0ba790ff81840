import { credentialName } from '../domain/desired-state.ts';
import { ConveyorError } from '../domain/errors.ts';
import type { ProvisionRun, ServiceRun } from '../domain/provision-run.ts';
import { Credential, type Fingerprint, fingerprintCredential } from './credential.ts';
import type { DeclaredService } from './declared-service.ts';
import { Descriptor } from './descriptor.ts';
import type { ProvisionPorts } from './provision-ports.ts';

/** What a service's hosts are held against. The credential lives as long as one step of one function. */
export interface ServiceFacts {
  /** Absent where the service is to go. */
  readonly declared?: DeclaredService;
  readonly restart: boolean;
  readonly sealed?: { readonly credential: Credential; readonly fingerprint: Fingerprint };
}

/** @returns `problem` where somebody has to do something before anything can be done about this service */
export async function factsOf(
  { provisioning, bootstrap }: Pick<ProvisionPorts, 'provisioning' | 'bootstrap'>,
  { environment }: Pick<ProvisionRun, 'environment'>,
  { service, desired }: Pick<ServiceRun, 'service' | 'desired'>,
): Promise<ServiceFacts | { readonly problem: string }> {
  if (desired === undefined || desired.provision === 'absent') return { restart: false };
  const { credential: hasOne, restart, unit, ...process } = desired.provision;
  const { region } = desired;
  const descriptor = Descriptor.parse({ service, environment, region, ...process });
  const facts = { declared: { descriptor, unit, bootstrap }, restart };
  if (!hasOne) return facts;
  const name = credentialName(environment, service);
  const text = await provisioning.credential(environment, service).catch(refusal);
  if (text instanceof ConveyorError) return { problem: text.message };
  if (text === undefined)
    return { problem: `its credential is missing: put the SecureString ${name}` };
  const credential = Credential.safeParse(parseJson(text));
  // Nothing of what was read is repeated: half of a mistyped credential is half of a credential.
  if (!credential.success)
    return { problem: `${name} is no credential: it must be the JSON that the how-to shows` };
  const { data } = credential;
  if (data.service !== service || data.environment !== environment)
    return { problem: `${name} is the credential of another service or environment` };
  const key = await provisioning.fingerprintKey(environment);
  return {
    ...facts,
    sealed: { credential: data, fingerprint: fingerprintCredential(data, key) },
  };
}

/** What AWS refuses for one service keeps no other back; what passes by itself is tried again. */
export function refusal(error: unknown): ConveyorError {
  if (error instanceof ConveyorError && !error.retryable) return error;
  throw error;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
