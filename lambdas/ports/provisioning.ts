import type { EnvironmentName, ServiceName } from '../domain/names.ts';
import type { PublishedTarget } from '../domain/provision-run.ts';

/** What provisioning is told, and what it tells, by parameters of the tools account. */
export interface Provisioning {
  /** What `cdk deploy` wrote for each service of an environment, as text. @throws Unavailable */
  desired(
    environment: EnvironmentName,
  ): Promise<readonly { readonly service: string; readonly text: string }[]>;
  /** The secret that a person put there; undefined where nobody did. @throws Unavailable, NotAllowed */
  credential(environment: EnvironmentName, service: ServiceName): Promise<string | undefined>;
  /** At least 32 secret bytes, the same for ever: made when it is first asked for. @throws Unavailable */
  fingerprintKey(environment: EnvironmentName): Promise<Uint8Array>;
  /** In place of what was published before. @throws Unavailable */
  publish(target: PublishedTarget): Promise<void>;
  /** Gone before is success. @throws Unavailable */
  withdraw(environment: EnvironmentName, service: ServiceName): Promise<void>;
}

/** What provisioning has published. */
export interface Targets {
  /** Undefined where nothing is published. @throws Unavailable, InvalidInput where somebody else wrote it */
  find(environment: EnvironmentName, service: ServiceName): Promise<PublishedTarget | undefined>;
}
