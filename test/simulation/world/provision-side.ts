import { credentialName, desiredName } from '../../../lambdas/domain/desired-state.ts';
import { digestOf } from '../../../lambdas/domain/digest.ts';
import { ProvisionDeclaration } from '../../../lambdas/domain/provisioning.ts';
import { MemoryProvisioning } from '../../fakes/memory-provisioning.ts';
import { beacon } from '../../promote/shop.ts';
import { Execution } from '../asl/interpreter.ts';
import { MACHINES } from './machines.ts';
import { tagOf } from './sim-host.ts';
import type { World } from './world.ts';

/** What is put on hosts; what it does is no matter here. */
export const BOOTSTRAP = '#!/bin/sh\nexec true\n';

export interface Declared {
  readonly at: number;
  readonly environment: string;
  readonly service: string;
  /** Undefined: it is not to be on hosts. */
  readonly provision: ProvisionDeclaration | undefined;
}

/** What `cdk deploy` and people say of hosts, and the executions that bring hosts there. */
export class ProvisionSide {
  readonly parameters = new MemoryProvisioning();
  /** Newest last. */
  readonly declared: Declared[] = [];
  readonly executions: Execution[] = [];
  /** By the name of the parameter, newest last. */
  readonly credentials: { readonly name: string; readonly secret: string }[] = [];

  constructor(private readonly world: World) {}

  declare(environment: string, service: string, provision: object | 'absent' | 'gone'): void {
    const isThere = typeof provision === 'object';
    const content = isThere ? ProvisionDeclaration.parse(provision) : undefined;
    const at = this.world.loop.now();
    this.declared.push({ at, environment, service, provision: content });
    const name = `${environment}/${service}`;
    if (provision === 'gone') {
      this.parameters.declared.delete(name);
      return;
    }
    const desired = {
      schema: 1,
      service,
      environment,
      region: 'us-east-1',
      hosts: tagOf(beacon),
      bootstrap: digestOf(BOOTSTRAP),
      provision: content ?? 'absent',
    };
    this.parameters.declared.set(name, JSON.stringify(desired));
  }

  putCredential(environment: string, service: string, n: number): void {
    const secret = `the/secret+key/${n}/of/${service}/in/${environment}`;
    const credential = {
      ...{ schema: 1, service, environment },
      ...{ accessKeyId: `AKIAOFTHECREDENTIAL${n}`, secretAccessKey: secret },
    };
    this.credentials.push({ name: `${environment}/${service}`, secret });
    this.parameters.credentials.set(`${environment}/${service}`, JSON.stringify(credential));
  }

  /** As EventBridge tells of a parameter that has changed. */
  tell(what: 'declare' | 'credential', environment: string, service: string): void {
    const nameOf = what === 'declare' ? desiredName : credentialName;
    this.start({ parameter: nameOf(environment, service) });
  }

  /** As the schedule does, in every environment where anything was declared. */
  schedule(): void {
    for (const environment of new Set(this.declared.map((one) => one.environment)))
      this.start({ environment });
  }

  start(input: object): void {
    const name = `provision-${this.executions.length}`;
    const platform = this.world.platform('provision');
    this.executions.push(new Execution(platform, MACHINES.provision, name, input));
  }

  /** What is declared now, and when it was; of a service that never was, nothing. */
  get standing(): Declared[] {
    const last = new Map(
      this.declared.map((one) => [`${one.environment} ${one.service}`, one] as const),
    );
    return [...last.values()];
  }
}
