import { readFileSync } from 'node:fs';
import { ParameterTier, StringParameter } from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import type { ConveyorConfig } from '../lambdas/domain/config.ts';
import {
  desiredName,
  desiredState,
  LARGEST_STANDARD_STATE,
  LARGEST_STATE,
} from '../lambdas/domain/desired-state.ts';
import { digestOf } from '../lambdas/domain/digest.ts';
import { EnvironmentName, ServiceName } from '../lambdas/domain/names.ts';
import { Provision } from '../lambdas/domain/provisioning.ts';

export interface ServiceHostProps {
  /** The checked `conveyor.yaml` (`readConfig`). */
  readonly config: ConveyorConfig;
  /** A service with `target.systemd`, which says which hosts. */
  readonly service: string;
  /** One of its stages. */
  readonly environment: string;
  /**
   * As `target.systemd.provision` is written, where `conveyor.yaml` has `elsewhere` there.
   * @default what `conveyor.yaml` says
   */
  readonly provision?: unknown;
}

/**
 * What the hosts of one service in one environment are to have, as the parameter that provisioning reads. Its change starts
 * provisioning; its removal takes away what was put on the hosts, but for the service's data. In the tools account.
 * @throws an error where the service has no such hosts, or declares more than a parameter holds
 */
export class ServiceHost extends Construct {
  readonly parameter: StringParameter;

  constructor(scope: Construct, id: string, props: ServiceHostProps) {
    super(scope, id);
    const service = ServiceName.parse(props.service);
    const environment = EnvironmentName.parse(props.environment);
    const config = declared(props.config, service, props.provision);
    const bootstrap = readFileSync(new URL('documents/bootstrap.sh', import.meta.url));
    const desired = desiredState(config, service, environment, digestOf(bootstrap));
    if (desired === undefined)
      throw new Error(`${service} has no provisioning to declare in ${environment}`);
    const text = JSON.stringify(desired);
    const bytes = Buffer.byteLength(text);
    if (bytes > LARGEST_STATE)
      throw new Error(`${service} declares ${bytes} bytes; a parameter holds ${LARGEST_STATE}`);
    this.parameter = new StringParameter(this, 'Desired', {
      parameterName: desiredName(environment, service),
      stringValue: text,
      tier: bytes > LARGEST_STANDARD_STATE ? ParameterTier.ADVANCED : ParameterTier.STANDARD,
      description: `Conveyor: what the hosts of ${service} in ${environment} are to have`,
    });
  }
}

function declared(config: ConveyorConfig, name: ServiceName, provision: unknown): ConveyorConfig {
  const service = config.services[name];
  const systemd = service?.target.systemd;
  if (provision === undefined || service === undefined || systemd === undefined) return config;
  const target = { systemd: { ...systemd, provision: Provision.parse(provision) } };
  return { ...config, services: { ...config.services, [name]: { ...service, target } } };
}
