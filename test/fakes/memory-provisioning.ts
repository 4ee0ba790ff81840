import { targetName } from '../../lambdas/domain/desired-state.ts';
import type { EnvironmentName, ServiceName } from '../../lambdas/domain/names.ts';
import type { PublishedTarget } from '../../lambdas/domain/provision-run.ts';
import type { Provisioning, Targets } from '../../lambdas/ports/provisioning.ts';

/** The parameters of provisioning in memory; what people and `cdk deploy` write is written by the test. */
export class MemoryProvisioning implements Provisioning, Targets {
  /** `environment/service` → the text of the parameter. */
  readonly declared = new Map<string, string>();
  readonly credentials = new Map<string, string>();
  readonly published = new Map<string, PublishedTarget>();
  readonly keys = new Map<string, Uint8Array>();

  async desired(environment: EnvironmentName) {
    return [...this.declared]
      .filter(([name]) => name.startsWith(`${environment}/`))
      .map(([name, text]) => ({ service: name.slice(environment.length + 1), text }));
  }

  async credential(environment: EnvironmentName, service: ServiceName) {
    return this.credentials.get(`${environment}/${service}`);
  }

  async fingerprintKey(environment: EnvironmentName) {
    const key = this.keys.get(environment) ?? new Uint8Array(32).fill(environment.length);
    this.keys.set(environment, key);
    return key;
  }

  async publish(target: PublishedTarget) {
    this.published.set(targetName(target.environment, target.service), target);
  }

  async withdraw(environment: EnvironmentName, service: ServiceName) {
    this.published.delete(targetName(environment, service));
  }

  async find(environment: EnvironmentName, service: ServiceName) {
    return this.published.get(targetName(environment, service));
  }
}
